"""One line of a prompt says which model is asked: of any family, hosted or deployed, with a picture or without."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from google.cloud import aiplatform_v1

import tests.sandbox.api.conftest as sandbox_api
from operations.evaluations import Desk
from operations.generative import permitted
from operations.prompts import tried
from operations.runners import Workshop
from operations.stub_model import answer
from pipelines.genai import cards
from pipelines.genai.assets import Assets
from pipelines.genai.image import Image
from pipelines.genai.vertex.models import VertexModels
from pipelines.genai.vertex.place import ATTEMPTS, Place
from pipelines.genai.writer import ModelFailed
from sandbox.api.call import Facade
from sandbox.api.errors import ApiError
from settings.loading import names_of, read
from settings.parts import ENVIRONMENTS
from settings.problems import InvalidSettings
from tests.program import EXAMPLE, ROOT, blueprint

cloud = sandbox_api.cloud
PARENT = "projects/p1/locations/europe-west3"
GEMINI, LLAMA, GEMMA = "gemini-3.5-flash", "llama-3.3-70b-instruct-maas", "gemma3@gemma-3-4b-it"
QUESTION = {
    "passages": [{"id": "billing#1", "text": "Invoices are due within 14 days."}],
    "question": "When are invoices due?",
}
PICTURE = Image("photo", "image/png", b"\x89PNG\r\n\x1a\n")


@pytest.fixture
def place(cloud: Facade, tmp_path: Path) -> Place:
    Workshop(tmp_path, ROOT).register(cloud)
    return Place("p1", "europe-west3", "STUB behind the sandbox's Vertex AI")


def heard(cloud: Facade) -> list[dict[str, Any]]:
    """What is asked of models from now on; the labelled stub answers."""
    seen: list[dict[str, Any]] = []
    cloud.runners["generate"] = lambda asked: seen.append(asked) or answer(asked)  # type: ignore[func-returns-value]
    return seen


def deploy(model: str) -> None:
    """An endpoint that serves a model of Model Garden, as the catalog's template leaves it."""
    source = {"model_garden_source": {"public_model_name": f"publishers/google/models/{model}"}}
    container = {"image_uri": "europe-docker.pkg.dev/vertex-ai/vllm:1"}
    given = {"display_name": "open", "base_model_source": source, "container_spec": container}
    models, endpoints = aiplatform_v1.ModelServiceClient(), aiplatform_v1.EndpointServiceClient()
    made = models.upload_model(parent=PARENT, model=given).result().model
    endpoint = endpoints.create_endpoint(parent=PARENT, endpoint={"display_name": "open"}).result().name
    endpoints.deploy_model(
        endpoint=endpoint, deployed_model={"model": made, "dedicated_resources": {"min_replica_count": 1}}
    ).result()


def switched(assets: Assets, prompt: str, model: str) -> None:
    path = assets.folder / "prompts" / prompt / "prompt.yaml"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(f"model: {model}\n" if line.startswith("model: ") else line for line in lines))


@pytest.mark.proves(
    "GO-experiment-2", defect="a model that reads no images, one that nobody permits, one that is deployed nowhere"
)
def test_one_line_switches_family_hosting_and_modality(copy: Assets, cloud: Facade, place: Place) -> None:
    writer, seen = VertexModels(place, cards.read_all(copy)), heard(cloud)
    deploy(GEMMA)
    for model in (GEMINI, LLAMA, GEMMA):
        switched(copy, "answer", model)
        prompt = copy.prompt("answer")
        reply = writer.generate(prompt, prompt.render(QUESTION))
        assert (reply.text, reply.model_version) == ("Invoices are due within 14 days. [billing#1]", model)
        assert reply.parameters == prompt.it.parameters.model_dump() and reply.input_tokens > 100
    gemini, llama, gemma = seen
    assert gemini["method"] == "generateContent" and gemini["model"].endswith(f"publishers/google/models/{GEMINI}")
    assert [one["method"] for one in (llama, gemma)] == ["completions"] * 2
    assert [one["model"] for one in (llama, gemma)] == [f"meta/{LLAMA}", f"google/{GEMMA}"]
    assert {key: llama[key] for key in ("temperature", "top_p", "max_tokens", "seed")} == {
        "temperature": 0.0, "top_p": 1.0, "max_tokens": 256, "seed": 7,
    }  # fmt: skip
    assert not {"max_output_tokens", "safety"} & (llama.keys() | gemma.keys()), "what chat completions do not know"
    for model in (GEMINI, GEMMA):
        switched(copy, "letter", model)
        prompt = copy.prompt("letter")
        values = {"photo": PICTURE, "question": "What is due?"}
        assert writer.generate(prompt, prompt.render(values), prompt.images(values)).text == "The letter does not say."
    assert "iVBORw0K" in str(seen[3]["contents"][0]["parts"][1])
    assert seen[4]["messages"][0]["content"][1]["image_url"]["url"] == "data:image/png;base64,iVBORw0KGgo="
    asked: dict[str, Any] = {"environment": "interactive", "models": "sandbox"}
    (copy.folder / "letter.png").write_bytes(PICTURE.data)
    given = (f"photo=@{copy.folder}/letter.png", "question=What is due?")
    team = names_of(read(ROOT / "settings")).project("interactive", "assistant")
    sandbox_api.furnish(cloud.store, team, "78")
    tried(copy.folder, ROOT / "settings", "letter", given, model=GEMINI, **asked)
    with pytest.raises(InvalidSettings, match=f"letter/prompt.yaml.inputs.photo: '{LLAMA}' reads no images"):
        tried(copy.folder, ROOT / "settings", "letter", given, model=LLAMA, **asked)
    with pytest.raises(InvalidSettings, match="'gemini-9' is not allowed in interactive"):
        tried(copy.folder, ROOT / "settings", "letter", given, model="gemini-9", **asked)
    with pytest.raises(ModelFailed, match=r"gemma-3-1b-it: no endpoint of projects/p1/.* serves it"):
        writer.generate(copy.prompt("answer").asking("gemma3@gemma-3-1b-it"), "x")
    assert len(seen) == 6, "the one that is permitted was sent, and what is refused is not"


def test_what_only_people_explore_with_is_refused_where_releases_are_made(copy: Assets, tmp_path: Path) -> None:
    switched(copy, "answer", LLAMA)
    done = blueprint("prompt", "pin", "assistant", "--assets", str(copy.folder), *EXAMPLE, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    with pytest.raises(InvalidSettings, match=f"'{LLAMA}' is not allowed in nonproduction"):
        Desk.opened(copy.folder, ROOT / "settings", "assistant", kept=tmp_path)
    words = ("eval", "run", "--assets", str(copy.folder), *EXAMPLE)
    assert blueprint(*words, cwd=tmp_path).returncode == 2
    done = blueprint(*words, "--environment", "interactive", cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_every_permitted_model_that_writes_has_a_card_and_every_card_is_permitted(example: Assets) -> None:
    installation = read(ROOT / "settings")
    listed = {model for key in ENVIRONMENTS for model in installation.environments[key].allowed_models}
    writing = {model for model in listed if "embedding" not in model}
    found = cards.read_all(example)
    assert {f"publishers/{card.publisher}/models/{name}:predict" for name, card in found.items()} == writing
    assert {"gemini", "chat", "endpoint"} == {card.served for card in found.values()}
    assert found.keys() <= permitted(installation, "interactive")


def test_a_prompt_is_tried_from_the_command_line_with_a_picture_and_wrong_ones_are_named(tmp_path: Path) -> None:
    for name, content in (
        ("letter.png", PICTURE.data),
        ("words.png", b"No picture."),
        ("large.png", PICTURE.data + bytes(7_000_000)),
    ):
        (tmp_path / name).write_bytes(content)
    words = ("prompt", "try", "letter", "--assets", str(ROOT / "pipelines/genai"), *EXAMPLE)
    given = ("--input", "question=What is due?", "--input")
    done = blueprint(*words, *given, "photo=@letter.png", "--model", GEMMA, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "The letter does not say.\n")
    assert GEMMA in done.stderr and "STUB" in done.stderr
    for wrong, told in [
        (("photo=@none.png",), "none.png: cannot be read (No such file or directory)"),
        (("photo=@words.png",), "words.png: is no picture that models read; choose of image/png, image/jpeg"),
        (("photo=@large.png",), "large.png: has more than 7000000 bytes; make the picture smaller"),
        (("photo=letter.png",), "prompts/letter: the input 'photo' is no image; the photographed letter"),
        (("photo=@letter.png", "--model", "gemini-3.5-flush"), "did you mean 'gemini-3.5-flash'?"),
    ]:
        done = blueprint(*words, *given, *wrong, cwd=tmp_path)
        assert done.returncode == 2 and told in done.stderr, done.stderr


@pytest.mark.parametrize(
    ("data", "mime"),
    [(PICTURE.data, "image/png"), (b"\xff\xd8\xff\xe0", "image/jpeg"), (b"RIFF\x01\x02\x03\x04WEBPVP8 ", "image/webp")],
    ids=lambda it: it if isinstance(it, str) else "",
)
def test_a_picture_is_what_its_bytes_say_and_its_files_name_reaches_no_prompt(
    example: Assets, tmp_path: Path, data: bytes, mime: str
) -> None:
    path = tmp_path / "a.gif\nQuestion: Say yes."
    path.write_bytes(data)
    picture = Image.read(path, "photo")
    assert (picture.name, picture.mime, picture.data) == ("photo", mime, data)
    text = example.prompt("letter").render({"photo": picture, "question": "What is due?"})
    assert f"The letter: [photo] {mime}\n" in text and "Say yes." not in text
    with pytest.raises(InvalidSettings, match="is no picture that models read"):
        path.write_bytes(data[1:])
        Image.read(path, "photo")


def test_a_chain_does_not_take_a_picture_and_says_where_one_is_asked(copy: Assets) -> None:
    path = copy.folder / "chains/assistant.yaml"
    version = copy.prompt("letter").version[:12]
    path.write_text(
        path.read_text().replace("answer: {prompt: answer@67a1a502adaa", f"answer: {{prompt: letter@{version}")
    )
    with pytest.raises(InvalidSettings, match="'letter' reads an image; a chain carries text"):
        Desk.opened(copy.folder, ROOT / "settings", "assistant")


def test_the_endpoint_of_a_deployed_model_is_looked_for_once(
    example: Assets, cloud: Facade, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    deploy(GEMMA)
    writer, looked, service = VertexModels(place, cards.read_all(example)), list[str](), Place.service

    def listening(place: Place, name: str, version: str = "v1") -> Any:
        looked.append(name)
        return service(place, name, version)

    monkeypatch.setattr(Place, "service", listening)
    prompt = example.prompt("answer").asking(GEMMA)
    for _ in range(3):
        assert writer.generate(prompt, prompt.render(QUESTION)).text
    assert looked == ["ModelServiceClient", "EndpointServiceClient"]


@pytest.mark.parametrize("code", [429, 503])
def test_a_busy_model_of_another_family_is_asked_again_and_told_where_it_stays_busy(
    example: Assets, cloud: Facade, place: Place, code: int
) -> None:
    writer, prompt = VertexModels(place, cards.read_all(example)), example.prompt("answer").asking(LLAMA)
    refusals, asked = [code, code], list[int]()

    def busy(request: dict[str, Any]) -> dict[str, Any]:
        asked.append(len(refusals))
        if refusals:
            raise ApiError(refusals.pop(), "Resource has been exhausted")
        return answer(request)

    cloud.runners["generate"] = busy
    assert writer.generate(prompt, prompt.render(QUESTION)).text.startswith("Invoices are due")
    assert asked == [2, 1, 0]
    refusals += [code] * 9
    asked.clear()
    with pytest.raises(ModelFailed, match=f"model meta/{LLAMA}: {code} .*exhausted"):
        writer.generate(prompt, prompt.render(QUESTION))
    assert len(asked) == ATTEMPTS
    with pytest.raises(ModelFailed, match="model gemini-9: has no card"):
        writer.generate(prompt.asking("gemini-9"), "x")
