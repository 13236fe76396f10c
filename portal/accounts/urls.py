from django.urls import path

from . import views

urlpatterns = [
    path("dang-nhap/", views.LoginView.as_view(), name="login"),
    path("dang-xuat/", views.LogoutView.as_view(), name="logout"),
    path("tiep-tuc/", views.resume, name="resume"),
    path("doi-mat-khau/", views.PasswordChangeView.as_view(), name="password_change"),
    path("xac-thuc/", views.second_factor, name="second_factor"),
    path("xac-thuc/gan-dien-thoai/", views.second_factor_enrol, name="second_factor_enrol"),
]
