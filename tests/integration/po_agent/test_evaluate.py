"""`po-agent eval`: what is wrong with what it is given is said before any case is read. Real files, the offline reader."""

from pathlib import Path

import pytest

from po_agent import evaluate
from tests.integration.po_agent.typing_commands import typed

CASES = Path(__file__).parents[2] / "evals" / "dev.jsonl"


@pytest.fixture
def few_cases(tmp_path: Path) -> Path:
    file = tmp_path / "few.jsonl"
    file.write_text("".join(CASES.read_text().splitlines(keepends=True)[:2]))
    return file


@pytest.fixture(autouse=True)
def without_a_model(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["{folder}"], "is a directory"),
        (["{folder}/none.jsonl"], "does not exist"),
        (["{file}", "--predictions", "{folder}/none/out.jsonl"], "there is no folder"),
        (["{file}", "--predictions", "{folder}"], "is a directory"),
        (["{file}", "--model", "bogus"], "There is no reader 'bogus': --model is offline, or openai:NAME."),
        (["{file}", "--model", "openai:"], "--model is offline, or openai:NAME."),
        (["{file}", "--model", "openai:gpt-5-mini"], "needs OPENAI_API_KEY"),
        (["{file}", "--model", "offline", "--model", "bogus"], "There is no reader 'bogus'"),
    ],
)
def test_it_is_told_before_a_case_is_read(
    words: list[str],
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    few_cases: Path,
    tmp_path: Path,
) -> None:
    async def read(*_: object) -> None:
        raise AssertionError("Cases are read.")

    monkeypatch.setattr(evaluate, "_read_all", read)
    monkeypatch.setenv("COLUMNS", "1000")  # click wraps its words to the terminal's width
    given = [word.format(folder=tmp_path, file=few_cases) for word in words]
    assert typed(monkeypatch, "eval", *given) != 0
    said = capsys.readouterr()
    assert said.out == ""
    assert told in " ".join(said.err.split())
    assert "Traceback" not in said.err


def test_a_name_that_cannot_be_written_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], few_cases: Path, tmp_path: Path
) -> None:
    (tmp_path / "out-offline.jsonl").mkdir()
    given = ["--model", "offline", "--model", "offline", "--predictions", str(tmp_path / "out.jsonl")]
    assert typed(monkeypatch, "eval", str(few_cases), *given) == 1
    assert "out-offline.jsonl: Is a directory." in capsys.readouterr().err


def test_predictions_are_written(monkeypatch: pytest.MonkeyPatch, few_cases: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    assert typed(monkeypatch, "eval", str(few_cases), "--predictions", str(out)) == 0
    assert len(out.read_text().splitlines()) == 2
