"""Writes on accounts: the second factor and unlocking."""

import datetime as dt
import math

from axes.utils import reset as forget_failures
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django_otp.plugins.otp_totp.models import TOTPDevice

from portal.audit.services import record
from portal.text.errors import Refusal

from .models import User

DEVICE_NAME = "điện thoại"


def enrolled_device(user: User) -> TOTPDevice | None:
    """The person's confirmed second factor, if there is one. One query."""
    return TOTPDevice.objects.filter(user=user, confirmed=True).order_by("pk").first()


@transaction.atomic
def begin_enrolment(*, user: User) -> TOTPDevice:
    """The key that waits for its first code; the same one until it is confirmed, so that a reloaded page still fits.

    Raises Refusal ("already_enrolled").
    """
    User.objects.select_for_update().get(pk=user.pk)
    if enrolled_device(user):
        raise Refusal("already_enrolled", _("Tài khoản của bạn đã có mã xác thực. Hãy nhập mã để vào."))
    device, _created = TOTPDevice.objects.get_or_create(user=user, confirmed=False, defaults={"name": DEVICE_NAME})
    return device


def check_token(*, device: TOTPDevice, token: str) -> TOTPDevice:
    """Accept a code and return the device, confirmed; the first right code finishes the enrolment.

    Raises Refusal ("token_wrong", "token_too_soon") with field "token". The refusal is raised outside the
    transaction, so that the count of wrong codes stays.
    """
    locked, waiting = _verify(device, token)
    if locked is not None:
        return locked
    if waiting:
        raise Refusal(
            "token_too_soon",
            ngettext(
                "Bạn đã nhập sai nhiều lần. Hãy đợi %(seconds)d giây rồi nhập mã mới.",
                "Bạn đã nhập sai nhiều lần. Hãy đợi %(seconds)d giây rồi nhập mã mới.",
                waiting,
            )
            % {"seconds": waiting},
            field="token",
        )
    raise Refusal(
        "token_wrong",
        _("Mã không đúng hoặc đã dùng. Hãy đợi mã mới trên điện thoại và kiểm tra giờ của điện thoại."),
        field="token",
    )


@transaction.atomic
def _verify(device: TOTPDevice, token: str) -> tuple[TOTPDevice | None, int]:
    """The device when the code is right; else how many seconds to wait (0: try at once)."""
    locked = TOTPDevice.objects.select_for_update().get(pk=device.pk)
    allowed, why = locked.verify_is_allowed()
    if not allowed:
        until = (why or {}).get("locked_until")
        return None, max(1, math.ceil((until - dt.datetime.now(dt.UTC)).total_seconds())) if until else 1
    if not locked.verify_token(token):
        return None, 0
    if not locked.confirmed:
        locked.confirmed = True
        locked.save(update_fields=["confirmed"])
        record(
            actor=locked.user,
            action="account.second_factor_added",
            sentence=_("Gắn mã xác thực vào tài khoản."),
            subject=locked.user,
        )
    return locked, 0


@transaction.atomic
def remove_second_factor(*, user: User, actor: User) -> bool:
    """Take a lost phone off an account; the person enrols a new one at the next login. False when there was none."""
    removed, _per_model = TOTPDevice.objects.filter(user=user).delete()
    if removed:
        record(
            actor=actor,
            action="account.second_factor_removed",
            sentence=_("Gỡ mã xác thực khỏi tài khoản, người dùng sẽ gắn lại."),
            subject=user,
        )
    return bool(removed)


@transaction.atomic
def unlock(*, user: User, actor: User) -> bool:
    """Let a person try to log in again at once. False when the account was not locked."""
    forgotten = forget_failures(username=user.username)
    if forgotten:
        record(
            actor=actor,
            action="account.unlocked",
            sentence=_("Mở khóa đăng nhập cho tài khoản."),
            subject=user,
        )
    return bool(forgotten)
