"""Google's generative clients: a labelled stub answers, prompts are kept with versions, evaluations are computed."""

import json

import pytest
import requests
import vertexai
from google import genai
from google.api_core.exceptions import GoogleAPICallError
from google.cloud import aiplatform_v1
from google.genai import types

from operations.stub_model import answer

PLACE = "projects/p1/locations/europe-west1"
TEXT = """Use at most 1 sentence. Otherwise say: I do not know.
Passages:
[a] Leave is 30 days.
Question: How long is leave?"""


@pytest.fixture
def gemini(cloud):
    cloud.runners["generate"] = answer
    return genai.Client(vertexai=True, project="p1", location="europe-west1")


def test_a_model_is_the_labelled_stub(gemini):
    told = gemini.models.generate_content(model="gemini-2.5-flash", contents=TEXT)
    assert told.text == "Leave is 30 days."
    assert told.response_id.startswith("STUB-on-this-computer")
    assert told.usage_metadata.prompt_token_count > 0
    streamed = [piece.text for piece in gemini.models.generate_content_stream(model="gemini-2.5-flash", contents=TEXT)]
    assert streamed == ["Leave is 30 days."]
    assert gemini.models.count_tokens(model="gemini-2.5-flash", contents="one two").total_tokens == 2


def post(cloud, path, body):
    """The code and the words of the answer to a request that no client would send."""
    url = f"{cloud.endpoint}/aiplatform/v1/projects/p1/locations/europe-west1/{path}"
    found = requests.post(url, json.dumps(body), headers={"Authorization": "Bearer sandbox:operator"}, timeout=300)
    return found.status_code, found.text


HOSTED, SAY = "endpoints/openapi/chat/completions", [{"role": "user", "content": TEXT}]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"model": "meta/llama", "messages": [1]}, "messages[0]"),
        ({"model": "meta/llama", "messages": [{"role": "user"}]}, "messages[0]"),
        ({"model": "meta/llama", "messages": [{"role": "user", "content": [1]}]}, "messages[0]"),
        ({"model": "meta/llama", "messages": "hello"}, "`messages`"),
        ({"messages": SAY}, "Malformed publisher model ''"),
        ({"model": "llama", "messages": SAY}, "Malformed publisher model 'llama'"),
        ({"model": 3, "messages": SAY}, "model"),
        ({"model": "meta/llama", "messages": SAY, "max_tokens": "x"}, "max_tokens"),
        ({"model": "meta/llama", "messages": SAY, "max_tokens": True}, "max_tokens"),
        ({"model": "meta/llama", "messages": SAY, "max_tokens": 0}, "greater than 0"),
        ({"model": "meta/llama", "messages": SAY, "temperature": 9}, "temperature"),
        ({"model": "meta/llama", "messages": SAY, "seed": []}, "seed"),
        ({"model": "meta/llama", "messages": SAY, "top_p": float("nan")}, "NaN is no number"),
    ],
    ids=lambda it: it if isinstance(it, str) else "",
)
def test_a_chat_of_another_shape_is_refused_and_no_failure_of_the_server(gemini, cloud, body, told):
    code, text = post(cloud, HOSTED, body)
    assert code == 400 and told in json.loads(text)["error"]["message"], text


def test_a_body_says_neither_which_method_nor_which_model_is_asked(gemini, cloud):
    body = {"model": "meta/llama", "messages": SAY, "seed": -1, "method": "countTokens"}
    code, text = post(cloud, HOSTED, body)
    assert (code, json.loads(text)["choices"][0]["message"]["content"]) == (200, "Leave is 30 days.")
    model, contents = "publishers/google/models/gemini", [{"role": "user", "parts": [{"text": "Reference: Answer:"}]}]
    body = {"contents": contents, "generationConfig": {"temperature": 9}}
    assert post(cloud, f"{model}:generateContent", body)[0] == 400
    assert post(cloud, f"{model}:generateContent", {"contents": contents})[0] == 200, "words of a judge, not its lines"
    assert post(cloud, f"{model}:generateContent", {"contents": contents, "model": "other"})[0] == 400
    assert post(cloud, f"{model}:predict", {"instances": [1]})[0] == 400


def test_an_endpoint_answers_for_the_model_that_is_deployed_to_it(gemini, cloud):
    models, endpoints = aiplatform_v1.ModelServiceClient(), aiplatform_v1.EndpointServiceClient()
    endpoint = endpoints.create_endpoint(parent=PLACE, endpoint={"display_name": "e"}).result().name
    path = f"{endpoint.removeprefix(PLACE)[1:]}/chat/completions"
    code, text = post(cloud, path, {"model": "google/gemma3@gemma-3-4b-it", "messages": SAY})
    assert code == 400 and "has no deployed model" in text
    source = {"model_garden_source": {"public_model_name": "publishers/google/models/gemma3@gemma-3-4b-it"}}
    given = {"display_name": "m", "base_model_source": source, "container_spec": {"image_uri": "vllm:1"}}
    model = models.upload_model(parent=PLACE, model=given).result().model
    deployed = {"model": model, "dedicated_resources": {"min_replica_count": 1}}
    endpoints.deploy_model(endpoint=endpoint, deployed_model=deployed).result()
    for name, code in (("google/gemma3@gemma-3-4b-it", 200), ("", 200), ("google/gemma3@gemma-3-1b-it", 404)):
        assert post(cloud, path, {"model": name, "messages": SAY})[0] == code


def test_texts_that_share_words_are_near_each_other(gemini):
    def vector(text):
        config = types.EmbedContentConfig(task_type="RETRIEVAL_DOCUMENT")
        return (
            gemini.models.embed_content(model="text-embedding-005", contents=text, config=config).embeddings[0].values
        )

    near = sum(a * b for a, b in zip(vector("days of leave"), vector("leave in days"), strict=True))
    far = sum(a * b for a, b in zip(vector("days of leave"), vector("password of mail"), strict=True))
    assert near > 0.9 > far


def test_a_prompt_is_kept_listed_versioned_and_restored(cloud, monkeypatch):
    monkeypatch.setattr("vertexai._genai.prompts.time.sleep", lambda seconds: None)
    prompts = vertexai.Client(project="p1", location="europe-west1").prompts
    data = {"model": "gemini-2.5-flash", "contents": [{"role": "user", "parts": [{"text": "Answer {question}"}]}]}
    made = prompts.create_version(prompt={"prompt_data": data}, config={"prompt_display_name": "assistant"})
    (listed,) = prompts.list()
    assert (listed.prompt_id, listed.model) == (made.prompt_id, "gemini-2.5-flash")
    (version,) = prompts.list_versions(prompt_id=made.prompt_id)
    found = prompts.get_version(prompt_id=made.prompt_id, version_id=version.version_id)
    assert found.prompt_data.contents[0].parts[0].text == "Answer {question}"
    worse = data | {"contents": [{"role": "user", "parts": [{"text": "Guess"}]}]}
    prompts.update(prompt_id=made.prompt_id, prompt={"prompt_data": worse})
    assert prompts.get(prompt_id=made.prompt_id).prompt_data.contents[0].parts[0].text == "Guess"
    prompts.restore_version(prompt_id=made.prompt_id, version_id=version.version_id)
    assert prompts.get(prompt_id=made.prompt_id).prompt_data.contents[0].parts[0].text == "Answer {question}"
    prompts.delete(prompt_id=made.prompt_id)
    assert list(prompts.list()) == []


def test_counting_metrics_are_exact_and_judgements_are_labelled(cloud):
    client = aiplatform_v1.EvaluationServiceClient()
    pair = {"prediction": "leave is 30 days", "reference": "leave is 30 days"}
    other = {"prediction": "no idea", "reference": "leave is 30 days"}
    for name in ("exact_match", "bleu", "rouge"):
        asked = {"location": PLACE, f"{name}_input": {"metric_spec": {}, "instances": [pair, other]}}
        told = client.evaluate_instances(request=asked)
        scores = [one.score for one in getattr(getattr(told, f"{name}_results"), f"{name}_metric_values")]
        assert scores == [pytest.approx(1.0), 0.0]
    instance = {"json_instance": '{"response": "30 days", "baseline": "none", "reference": "30 days"}'}
    spec = {"baseline_response_field_name": "baseline", "candidate_response_field_name": "response"}
    spec["metric_prompt_template"] = "Which is better?"
    asked = {"location": PLACE, "pairwise_metric_input": {"metric_spec": spec, "instance": instance}}
    told = client.evaluate_instances(request=asked).pairwise_metric_result
    assert (told.pairwise_choice.name, told.explanation[:16]) == ("CANDIDATE", "SANDBOX STAND-IN")
    with pytest.raises(GoogleAPICallError, match="does not know how to answer fluencyInput"):
        client.evaluate_instances(request={"location": PLACE, "fluency_input": {"metric_spec": {}}})
