"""What the generated schema leaves out: the refusals every call may meet."""

import json
from pathlib import Path
from typing import Any

DETAIL = {"type": "object", "properties": {"detail": {"type": "string"}}, "required": ["detail"]}
# By parameter, the sentences that say what is wrong with it.
FAULTS = {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}}
TOO_OFTEN = "Gọi quá nhiều lần. Câu trả lời ghi số giây cần chờ."
UNKNOWN_VALUE = "Bộ lọc có giá trị không dùng được. Câu trả lời ghi từng tham số sai và lý do."
EXAMPLES = Path(__file__).with_name("api_examples.json")
EXAMPLE = "Ví dụ từ bản trình diễn"
NOTHING_HERE = "Không có dữ liệu ở địa chỉ này."


def document_refusals(result: dict[str, Any], **_more: Any) -> dict[str, Any]:
    """Add 400, 404 and 429 to each operation that can answer with them (a hook of drf-spectacular)."""
    for path, operations in result["paths"].items():
        if path.startswith("/api/v1/"):
            for operation in operations.values():
                _document(operation, of_one="{" in path)
    return result


def show_examples(result: dict[str, Any], **_more: Any) -> dict[str, Any]:
    """Put beside each answer what it looks like: answers of the demonstration, cut to one row."""
    examples = json.loads(EXAMPLES.read_text())
    for path, operations in result["paths"].items():
        if path in examples:
            answer = operations["get"]["responses"]["200"]["content"]["application/json"]
            answer["examples"] = {"sample": {"summary": EXAMPLE, "value": examples[path]}}
    return result


def _document(operation: dict[str, Any], *, of_one: bool) -> None:
    names = {parameter["name"] for parameter in operation.get("parameters", ())}
    answers = operation["responses"]
    if not of_one and names - {"page", "page_size"}:
        answers.setdefault("400", _answer(UNKNOWN_VALUE, FAULTS))
    if of_one or "page" in names:
        answers.setdefault("404", _answer(NOTHING_HERE, DETAIL))
    answers.setdefault("429", _answer(TOO_OFTEN, DETAIL))


def _answer(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}
