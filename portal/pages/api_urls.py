"""Addresses of the API: version 1, its schema, its pages for reading."""

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

from extension.api import ProjectViewSet
from facilities.api import FacilityViewSet
from products.api import ProductViewSet, RecognitionViewSet
from products.check_api import CertificateView
from rounds.api import RoundViewSet
from rounds.exchange_api import PackagesView, PackageTakenView, PackageView

from . import statistics_api

router = SimpleRouter()
router.register("products", ProductViewSet, basename="api-product")
router.register("recognitions", RecognitionViewSet, basename="api-recognition")
router.register("facilities", FacilityViewSet, basename="api-facility")
router.register("rounds", RoundViewSet, basename="api-round")
router.register("extension/projects", ProjectViewSet, basename="api-project")

v1: list[URLPattern | URLResolver] = [
    path("", include(router.urls)),
    path("certificates/<str:code>/", CertificateView.as_view(), name="api-certificate"),
    path(
        "statistics/recognitions/",
        statistics_api.RecognitionStatisticsView.as_view(),
        name="api-statistics-recognitions",
    ),
    path("statistics/rounds/", statistics_api.RoundStatisticsView.as_view(), name="api-statistics-rounds"),
    path("exchange/packages/", PackagesView.as_view(), name="api-exchange-packages"),
    path("exchange/packages/<str:digest>/", PackageView.as_view(), name="api-exchange-package"),
    path("exchange/packages/<str:digest>/taken/", PackageTakenView.as_view(), name="api-exchange-taken"),
    path("statistics/extension/", statistics_api.ExtensionStatisticsView.as_view(), name="api-statistics-extension"),
]

urlpatterns = [
    path("v1/", include(v1)),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="api_docs"),
]
