"""What was ticked as "rural area checked" becomes the answer to the rule of that name, with who concluded it."""

import datetime as dt

from django.db import migrations

CODE, SINCE = "rural_area", dt.date(2014, 10, 21)
RULE = {
    "kind": "answered",
    "position": 30,
    "sentence": "Cơ sở đầu tư, sản xuất trực tiếp tại địa bàn nông thôn.",
    "failure": "Cơ sở không đầu tư, sản xuất trực tiếp tại địa bàn nông thôn.",
    "guidance": (
        "Từ khi bỏ cấp huyện chưa có văn bản nói rõ địa bàn nào được tính. Hãy xem nơi đặt xưởng và ghi căn cứ,"
        " ví dụ: xưởng đặt tại xã, theo đăng ký kinh doanh."
    ),
    "legal_basis": "TT 26/2014/TT-BCT, Điều 4; TT 38/2025/TT-BCT",
    "is_certain": False,
}
UNSAID = "Không ghi căn cứ."


def carry_over(apps, schema_editor):
    Dossier = apps.get_model("rounds", "Dossier")
    checked = Dossier.objects.filter(area_checked=True)
    if not checked.exists():
        return
    rule, _made = apps.get_model("rounds", "EligibilityRule").objects.get_or_create(
        code=CODE, level="", valid_from=SINCE, defaults=RULE
    )
    Answer = apps.get_model("rounds", "EligibilityAnswer")
    for dossier in checked.iterator():
        if dossier.checked_by_id is None or dossier.checked_at is None:
            # No person to name: what was written stays with the team's remark.
            dossier.support_remark = "\n".join(filter(None, [dossier.support_remark, dossier.area_reason]))
            dossier.save(update_fields=["support_remark"])
            continue
        Answer.objects.get_or_create(
            dossier=dossier,
            rule=rule,
            defaults={
                "answer": "met",
                "reason": dossier.area_reason or UNSAID,
                "answered_by_id": dossier.checked_by_id,
                "answered_at": dossier.checked_at,
            },
        )


def bring_back(apps, schema_editor):
    answers = apps.get_model("rounds", "EligibilityAnswer").objects.filter(rule__code=CODE, answer="met")
    Dossier = apps.get_model("rounds", "Dossier")
    for dossier_id, reason in answers.values_list("dossier_id", "reason"):
        Dossier.objects.filter(pk=dossier_id).update(area_checked=True, area_reason=reason[:300])
    answers.delete()


class Migration(migrations.Migration):

    dependencies = [
        ('rounds', '0003_eligibility_facts'),
    ]

    operations = [migrations.RunPython(carry_over, bring_back)]
