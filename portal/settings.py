"""Settings, read strictly from the environment.

Without variables the portal runs on SQLite with tasks in-process, which is what `make demo` and
`make test` use. With `DJANGO_DEBUG=0` (the default outside the Makefile) a secret key and the
allowed hosts are required: a missing or malformed value stops the start, it is never guessed.
"""

import re
from pathlib import Path
from urllib.parse import urlsplit

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
VAR_DIR.mkdir(exist_ok=True)
env = environ.Env()


def flag(name: str, *, default: bool = False) -> bool:
    """A yes/no variable; anything but 1, 0, true or false stops the start."""
    text = env.str(name, default="1" if default else "0").lower()
    if text not in {"1", "0", "true", "false"}:
        raise ImproperlyConfigured(f"{name} must be 1 or 0.")
    return text in {"1", "true"}


DEBUG = flag("DJANGO_DEBUG")
SECRET_KEY = env.str("DJANGO_SECRET_KEY", default="only-for-development" if DEBUG else "")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "DJANGO_SECRET_KEY is missing. Set it to a long random string, or set DJANGO_DEBUG=1 to try the portal."
    )
ALLOWED_HOSTS = env.list("DJANGO_ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
if urlsplit(SITE_URL).scheme not in {"http", "https"} or not urlsplit(SITE_URL).netloc:
    raise ImproperlyConfigured("SITE_URL must be a whole address such as https://sanpham.example.vn.")
HTTPS = SITE_URL.startswith("https://")

INSTALLED_APPS = [
    "portal.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.forms",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "corsheaders",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "simple_history",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "csp",
    "portal.text",
    "portal.files",
    "portal.territory",
    "portal.accounts",
    "portal.audit",
    "portal.notices",
    "portal.imports",
    "facilities",
    "products",
    "rounds",
    "extension",
    "portal.pages",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.common.CommonMiddleware",
    "portal.pages.api_manners.KeptAnswerMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.accounts.middleware.KeptPostMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "portal.accounts.middleware.SecondFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "portal.audit.middleware.ActorMiddleware",
    "portal.territory.middleware.HeldRegisterMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",
    "portal.pages.old_addresses.OldAddressMiddleware",
]

BEHIND_PROXY = flag("BEHIND_PROXY")
if BEHIND_PROXY:
    MIDDLEWARE.insert(0, "portal.audit.middleware.ProxyMiddleware")

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
# Widgets are drawn from the project's templates too: the desk words what Django draws as icons.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "portal.pages.context.site",
            ],
        },
    }
]

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'portal.sqlite3'}")}
if DATABASES["default"].get("ENGINE") not in {"django.db.backends.sqlite3", "django.db.backends.postgresql"}:
    raise ImproperlyConfigured("DATABASE_URL must begin with postgres:// or sqlite:///.")
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE takes the write lock when a transaction begins, so two writers queue instead of failing at commit.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # Compiling a statement takes PostgreSQL seconds where running it takes milliseconds: its guess of what counts of
    # a large round cost is far too high. Nothing here runs long enough to gain by it.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("options", "-c jit=off")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="")
CACHES = {
    "default": (
        {
            "BACKEND": "portal.text.caches.RedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": "portal",
            # A server that does not answer must not hold a page.
            "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
        }
        if REDIS_URL
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "portal"}
    )
}

CELERY_BROKER_URL = REDIS_URL or "memory://"
# Nobody asks what became of a task. Listening for it would hold a page twenty seconds while Redis is away.
CELERY_TASK_IGNORE_RESULT = True
# Who hands work over must not wait for a server that does not answer.
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 1}
CELERY_TASK_ALWAYS_EAGER = not REDIS_URL
CELERY_TASK_EAGER_PROPAGATES = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_TIME_LIMIT = 1800
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "Asia/Ho_Chi_Minh"
CELERY_BEAT_SCHEDULE = {
    "withhold-due": {"task": "products.tasks.withhold_due", "schedule": crontab(hour=0, minute=5)},
    "make-open-data": {"task": "portal.pages.tasks.make_open_data", "schedule": crontab(hour=1, minute=15)},
    "remind-of-extension": {"task": "extension.tasks.plan_reminders", "schedule": crontab(hour=6, minute=50)},
    "send-reminders": {"task": "products.tasks.send_reminders", "schedule": crontab(hour=7, minute=0)},
    "send-letters": {"task": "portal.notices.tasks.send_letters", "schedule": crontab(minute="*/15")},
    "remind-late-judges": {"task": "rounds.tasks.remind_late_judges", "schedule": crontab(minute="*/10")},
    "exchange-packages": {"task": "rounds.tasks.exchange_packages", "schedule": crontab(minute="*/10")},
    "forget-saves": {"task": "rounds.tasks.forget_saves", "schedule": crontab(hour=3, minute=20)},
    "erase-letters": {"task": "products.tasks.erase_letters", "schedule": crontab(hour=3, minute=40)},
    "forget-old-changes": {
        "task": "products.tasks.forget_old_changes",
        "schedule": crontab(hour=3, minute=40),
    },
    "send-digests": {"task": "portal.notices.tasks.send_digests", "schedule": crontab(hour=17, minute=0)},
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "CommonPasswordValidator", "NumericPasswordValidator")
] + [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    }
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "after_login"
LOGOUT_REDIRECT_URL = "home"
AXES_VERBOSE = False
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "portal.accounts.lockout.locked"
AXES_HTTP_RESPONSE_CODE = 429
# Staff and judges prove a second factor when this is on; the demo leaves it off.
REQUIRE_TOTP = flag("REQUIRE_TOTP")
OTP_TOTP_ISSUER = "San pham CNNT tieu bieu"

LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", _("Tiếng Việt")), ("en", _("Tiếng Anh"))]
LOCALE_PATHS = [BASE_DIR / "portal" / "locale"]
# Day before month, whatever Django's own Vietnamese formats leave out.
FORMAT_MODULE_PATH = ["portal.formats"]
USE_I18N = True
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = Path(env.str("MEDIA_URL_BACKEND", default=f"file://{VAR_DIR / 'media'}").removeprefix("file://"))
if not MEDIA_ROOT.is_absolute():
    raise ImproperlyConfigured("MEDIA_URL_BACKEND must be file:// followed by an absolute folder.")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}
# What browsers look for at fixed addresses: /favicon.ico, /apple-touch-icon.png, /site.webmanifest.
WHITENOISE_ROOT = BASE_DIR / "static" / "site-root"
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "portal.files.uploads.LimitingUploadHandler",
]
# Where ClamAV's daemon listens: tcp://host:3310 or unix:///run/clamav/clamd.ctl. Empty: uploads are not scanned.
CLAMAV_URL = env.str("CLAMAV_URL", default="")
if CLAMAV_URL and not CLAMAV_URL.startswith(("tcp://", "unix:///")):
    raise ImproperlyConfigured("CLAMAV_URL must begin with tcp:// or unix:///.")

# The seed that packages to other deployments are signed with (command `exchange_key`). Empty: no exchange.
EXCHANGE_KEY = env.str("EXCHANGE_KEY", default="")
if EXCHANGE_KEY and not re.fullmatch(r"[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=", EXCHANGE_KEY):
    raise ImproperlyConfigured("EXCHANGE_KEY must be 32 bytes in base64. Make one with `manage.py exchange_key`.")

vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
if vars()["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend":
    EMAIL_BACKEND = "portal.notices.smtp.Backend"
# A server that does not answer must not hold the worker for ever.
EMAIL_TIMEOUT = vars().get("EMAIL_TIMEOUT") or 30
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="khong-tra-loi@localhost")
# Where mail servers return what they cannot deliver, as address+token (see docs); empty: to the sender's address.
BOUNCE_ADDRESS = env.str("BOUNCE_ADDRESS", default="")
if BOUNCE_ADDRESS and not re.fullmatch(r"[a-z0-9._-]{1,20}@[a-z0-9.-]+", BOUNCE_ADDRESS):
    raise ImproperlyConfigured("BOUNCE_ADDRESS must be a short address in small letters, such as tra-lai@example.vn.")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 12 * 3600
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
CSRF_FAILURE_VIEW = "portal.pages.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"

REST_FRAMEWORK = {
    # What is public is the same for everyone; deployments that exchange packages are known by their signatures.
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "portal.text.pagination.Pagination",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "PAGE_SIZE": 24,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    # Calls per address, counted by `portal.pages.api_manners`; a person reading pages never comes near it.
    "DEFAULT_THROTTLE_RATES": {"anon": env.str("API_RATE", default="300/min")},
    # Whose call it is, is REMOTE_ADDR alone, which BEHIND_PROXY has put right: any caller can write X-Forwarded-For.
    "NUM_PROXIES": 0,
    # The schema puts the version that a caller names into a header: only this one.
    "ALLOWED_VERSIONS": ["v1"],
    "EXCEPTION_HANDLER": "portal.text.api_errors.in_words",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Sản phẩm công nghiệp nông thôn tiêu biểu",
    "DESCRIPTION": "Dữ liệu công khai về sản phẩm công nghiệp nông thôn tiêu biểu được công nhận.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "portal.pages.api_schema.document_refusals",
        "portal.pages.api_schema.show_examples",
    ],
    # Everything public is read without login: the schema asks for no credentials.
    "AUTHENTICATION_WHITELIST": [],
    "ENUM_NAME_OVERRIDES": {
        "LevelEnum": "products.enums.Level",
        "ProductGroupEnum": "products.enums.ProductGroup",
        "StatusEnum": "products.enums.Status",
        "UnknownStatusEnum": [("unknown", "unknown")],
        "FacilityKindEnum": "facilities.enums.FacilityKind",
        "ContactKindEnum": "facilities.enums.ContactKind",
        "BeneficiaryKindEnum": "extension.enums.BeneficiaryKind",
        "ProjectKindEnum": "extension.enums.ProjectKind",
        "ProjectStateEnum": "extension.enums.ProjectState",
        "FairKindEnum": "extension.enums.FairKind",
        "OutletKindEnum": "extension.enums.OutletKind",
        "DatePrecisionEnum": "products.enums.DatePrecision",
        "FigurePrecisionEnum": "products.enums.FigurePrecision",
    },
}
# Pages of other sites may read what is public, without cookies; what deployments exchange, and every page, they may not.
CORS_URLS_REGEX = r"^/(api/(v1/(?!exchange/)|schema/)|du-lieu-mo/moi-nhat/)"
CORS_ALLOW_ALL_ORIGINS = True
CORS_ALLOW_CREDENTIALS = False
CORS_ALLOW_METHODS = ["GET", "HEAD", "OPTIONS"]
CORS_ALLOW_HEADERS = ["accept", "accept-language", "if-none-match", "if-modified-since", "range"]
CORS_EXPOSE_HEADERS = [
    "etag", "retry-after", "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "x-ratelimit-limit",
    "x-ratelimit-remaining", "x-ratelimit-reset", "content-length", "content-range", "accept-ranges",
    "content-disposition",
]  # fmt: skip
CORS_PREFLIGHT_MAX_AGE = 86_400
SIMPLE_HISTORY_REVERT_DISABLED = True

# Days before the last valid day on which a recognition counts as "expiring" (contract: 90, a setting).
EXPIRING_DAYS = env.int("EXPIRING_DAYS", default=90)
# How many hours before their deadline judges are told which sheets are still missing.
SCORING_REMINDER_HOURS = env.list("SCORING_REMINDER_HOURS", cast=int, default=[24, 2])
# How many months after a reader's letter is settled the sender's name, address and words are erased.
INQUIRY_KEEP_MONTHS = env.int("INQUIRY_KEEP_MONTHS", default=12)
if INQUIRY_KEEP_MONTHS < 1:
    raise ImproperlyConfigured("INQUIRY_KEEP_MONTHS must be 1 or more.")
DEMO = flag("PORTAL_DEMO")

# Who publishes the open data and on what terms. A Department may word its own licence.
OPEN_DATA_PUBLISHER = env.str("OPEN_DATA_PUBLISHER", default="Cổng Sản phẩm công nghiệp nông thôn tiêu biểu")
OPEN_DATA_LICENCE = "https://creativecommons.org/licenses/by/4.0/"
OPEN_DATA_LICENCE_TEXT = env.str(
    "OPEN_DATA_LICENCE_TEXT",
    default=(
        f"Dữ liệu của {OPEN_DATA_PUBLISHER} được cấp theo Giấy phép Creative Commons Ghi công 4.0 Quốc tế "
        f"(CC BY 4.0), {OPEN_DATA_LICENCE}\n"
        "Bạn được chép, sửa, phát hành lại, kể cả để bán, nếu ghi nguồn và nói rõ chỗ đã sửa.\n"
        f"Ghi nguồn: {OPEN_DATA_PUBLISHER}, {SITE_URL}/du-lieu-mo/, kèm ngày của bộ dữ liệu.\n"
        "Ảnh không thuộc giấy phép này: quyền của ảnh ở người chụp và cơ sở.\n"
        "Dữ liệu được cung cấp như đang có; khi cần chắc chắn, hãy tra giấy chứng nhận trên cổng.\n"
    ),
)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
}
