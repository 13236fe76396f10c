from django.db import migrations


def carry_over(apps, schema_editor):
    """The one line that a round had becomes the council's establishing decision."""
    Round = apps.get_model("rounds", "Round")
    EstablishingDecision = apps.get_model("rounds", "EstablishingDecision")
    for pk, title in Round.objects.exclude(establishing_decision="").values_list("pk", "establishing_decision"):
        EstablishingDecision.objects.get_or_create(round_id=pk, body="council", title=title)


def carry_back(apps, schema_editor):
    """The council's first decision goes back into the line of its round."""
    EstablishingDecision = apps.get_model("rounds", "EstablishingDecision")
    Round = apps.get_model("rounds", "Round")
    for row in EstablishingDecision.objects.filter(body="council").order_by("-signed_on", "-pk"):
        Round.objects.filter(pk=row.round_id).update(establishing_decision=row.title)


class Migration(migrations.Migration):
    dependencies = [("rounds", "0013_seal_leaves_the_round")]

    operations = [migrations.RunPython(carry_over, carry_back)]
