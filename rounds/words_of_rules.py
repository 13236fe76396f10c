"""How a round counts, in whole sentences: for the public page, the judges' guide and the board."""

from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.text.formats import day, points

from .counting import rules_for
from .enums import ScoringPass, TieBreak
from .models import Round
from .tally import Rules

STEPS = {
    TieBreak.HEAD_1: gettext_lazy("điểm tiêu chí 1"),
    TieBreak.HEAD_2: gettext_lazy("điểm tiêu chí 2"),
    TieBreak.HEAD_3: gettext_lazy("điểm tiêu chí 3"),
    TieBreak.HEAD_4: gettext_lazy("điểm tiêu chí 4"),
    TieBreak.LOWEST: gettext_lazy("phiếu thấp nhất"),
}


def sentences(round_: Round) -> tuple[str, ...]:
    """Everything that decides a result, in the order in which it is applied. No query."""
    rules = rules_for(round_)
    return (
        _step(round_),
        *_passes(rules),
        *_extremes(rules),
        _mean(),
        _quorum(rules),
        _pass_mark(rules),
        *tie_break(rules),
        _disagreement(rules),
        _council(round_),
    )


def tie_break(rules: Rules) -> tuple[str, ...]:
    """How equal means are told apart, and how anyone can check the draw."""
    steps = [str(STEPS[TieBreak(step)]) for step in rules.chain if step != TieBreak.DRAW]
    chain = (
        _("Hồ sơ cùng nhóm bằng điểm trung bình được xếp theo %(steps)s cao hơn; vẫn bằng nhau thì bốc thăm.")
        % {"steps": in_turn(steps)}
        if steps
        else _("Hồ sơ cùng nhóm bằng điểm trung bình được xếp bằng bốc thăm.")
    )
    return chain, _draw(rules)


def in_turn(steps: Sequence[str]) -> str:
    """ "a, rồi b, rồi c"."""
    return _(", rồi ").join(steps)


def _step(round_: Round) -> str:
    return _("Mỗi giám khảo chấm độc lập trên thang 100 điểm, bước điểm %(step)s.") % {
        "step": points(round_.score_step)
    }


def _passes(rules: Rules) -> tuple[str, ...]:
    shares = dict(rules.weights)
    site = shares.get(ScoringPass.SITE, 0)
    if not site:
        return ()
    if len(rules.counted) == 1:
        return (_("Kết quả chỉ tính lượt chấm tại chỗ; lượt chấm trên hồ sơ để tham khảo."),)
    return (
        _("Có hai lượt chấm: trên hồ sơ tính %(dossier)s%%, tại chỗ tính %(site)s%% điểm trung bình.")
        % {"dossier": shares[ScoringPass.DOSSIER], "site": site},
    )


def _extremes(rules: Rules) -> tuple[str, ...]:
    if not rules.drop:
        return ()
    return (
        _(
            "Khi một hồ sơ có từ %(least)s phiếu hợp lệ trong một lượt chấm, bỏ %(drop)s phiếu cao nhất và"
            " %(drop)s phiếu thấp nhất rồi mới tính."
        )
        % {"least": rules.drop_from, "drop": rules.drop},
    )


def _mean() -> str:
    return _(
        "Điểm trung bình là tổng điểm các phiếu được tính chia cho số phiếu đó. Phiếu “không đánh giá được”, phiếu"
        " không tính và phiếu chưa nộp không có trong phép chia, không bị coi là 0 điểm."
    )


def _quorum(rules: Rules) -> str:
    least = max(rules.quorum, 1)
    if len(rules.counted) > 1:
        return _("Mỗi hồ sơ cần ít nhất %(least)s phiếu hợp lệ ở mỗi lượt chấm để có kết quả.") % {"least": least}
    return _("Mỗi hồ sơ cần ít nhất %(least)s phiếu hợp lệ để có kết quả.") % {"least": least}


def _pass_mark(rules: Rules) -> str:
    return _("Đạt khi điểm trung bình từ %(threshold)s trở lên, so bằng số chính xác, chỉ làm tròn khi hiển thị.") % {
        "threshold": points(rules.threshold)
    }


def _draw(rules: Rules) -> str:
    if not rules.draw_seed:
        return _("Mã bốc thăm được lập và công bố khi bắt đầu chấm.")
    return _(
        "Bốc thăm bằng mã %(seed)s, công bố từ khi bắt đầu chấm: viết mã này liền với mã số hồ sơ, tính SHA-256, hồ sơ"
        " có kết quả nhỏ hơn đứng trước."
    ) % {"seed": rules.draw_seed}


def _disagreement(rules: Rules) -> str:
    return _(
        "Hồ sơ có phiếu cao nhất và thấp nhất cách nhau từ %(points)s điểm được báo cho hội đồng xem lại; điểm không"
        " vì thế mà đổi."
    ) % {"points": points(rules.disagreement)}


def _council(round_: Round) -> str:
    if round_.quota is None:
        return _("Đạt điểm là điều kiện cần. Hội đồng xét và bỏ phiếu từng hồ sơ rồi mới đề nghị công nhận.")
    return _(
        "Đạt điểm là điều kiện cần. Hội đồng xét và bỏ phiếu từng hồ sơ, đề nghị công nhận tối đa %(quota)s sản phẩm."
    ) % {"quota": round_.quota}


def published(round_: Round) -> tuple[str, ...]:
    """What the public will see of the scores. No query."""
    found = [
        _("Điểm trung bình của sản phẩm được công nhận được công khai.")
        if round_.publish_means
        else _("Điểm trung bình không công khai."),
        _("Số lượt từ chối chấm vì xung đột lợi ích được công khai.")
        if round_.publish_recusals
        else _("Số lượt từ chối chấm không công khai."),
        _("Điểm của từng giám khảo không công khai."),
    ]
    if round_.provisional_until:
        until = timezone.localtime(round_.provisional_until)
        found.append(
            _("Danh sách dự kiến nhận ý kiến đến %(time)s ngày %(day)s.")
            % {"time": f"{until:%H:%M}", "day": day(until)}
        )
    return tuple(found)
