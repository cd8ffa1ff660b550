"""Vector Search: who may write to an index, what its folder holds, and what restricts admit."""

import json

import pytest
from google.api_core.exceptions import BadRequest
from google.cloud import aiplatform_v1, storage

PLACE = "projects/p1/locations/europe-west1"


def deployed(uri="", **more):
    """An index at an endpoint, and the question for what is near to (1, 0) there."""
    about = {"display_name": "i", "metadata": {"contentsDeltaUri": uri, "config": {"dimensions": 2}}, **more}
    index = aiplatform_v1.IndexServiceClient().create_index(parent=PLACE, index=about).result(timeout=300).name
    endpoints = aiplatform_v1.IndexEndpointServiceClient()
    made = endpoints.create_index_endpoint(parent=PLACE, index_endpoint={"display_name": "e"}).result(timeout=300).name
    endpoints.deploy_index(index_endpoint=made, deployed_index={"id": "live", "index": index}).result(timeout=300)

    def near(*restricts):
        query = {"datapoint": {"feature_vector": [1, 0], "restricts": list(restricts)}}
        asked = {"index_endpoint": made, "deployed_index_id": "live", "queries": [query]}
        (found,) = aiplatform_v1.MatchServiceClient().find_neighbors(request=asked).nearest_neighbors
        return [one.datapoint.datapoint_id for one in found.neighbors]

    return index, near


def line(id_, vector, *restricts):
    return json.dumps({"id": id_, "embedding": vector, "restricts": list(restricts)}, ensure_ascii=False)


@pytest.mark.parametrize("more", [{}, {"index_update_method": "BATCH_UPDATE"}])
def test_an_index_takes_points_one_by_one_only_where_it_says_so(cloud, more):
    index, _ = deployed(**more)
    points = {"index": index, "datapoints": [{"datapoint_id": "a", "feature_vector": [1, 0]}]}
    with pytest.raises(BadRequest, match="StreamUpdate is not enabled"):
        aiplatform_v1.IndexServiceClient().upsert_datapoints(request=points)


@pytest.mark.parametrize("folder", ["", "/", "/v1", "/v1/"])
def test_an_index_holds_the_files_of_its_folder_or_of_a_whole_bucket(cloud, folder):
    text = "\n".join((line("a\u2028", [1, 0]), "", line("b", [0, 1])))
    storage.Client().create_bucket("points").blob("v1/a.json").upload_from_string(text)
    assert deployed(f"gs://points{folder}")[1]() == ["a\u2028", "b"]


@pytest.mark.parametrize(
    "bad", [b"{", b"[1]", b'"x"', b"\xff", b'{"id": "b"}', b'{"embedding": [1, 0]}', b'{"id": "b", "embedding": ["x"]}']
)
def test_a_line_that_is_no_point_is_told_with_its_file_and_place(cloud, bad):
    data = line("a", [1, 0]).encode() + b"\n" + bad
    storage.Client().create_bucket("points").blob("v1/a.json").upload_from_string(data)
    with pytest.raises(BadRequest, match=r"gs://points/v1/a\.json:2: "):
        deployed("gs://points/v1")[1]()


def test_a_point_is_found_where_neither_it_nor_the_query_denies_the_other(cloud):
    def about(**lists):
        return {"namespace": "dept", **lists}

    points = (line("open", [1, 0]), line("people", [0.9, 0], about(allow=["people"])))
    points += (line("not-pay", [0.8, 0], about(allow=["people"], deny=["pay"])),)
    storage.Client().create_bucket("points").blob("v1/a.json").upload_from_string("\n".join(points))
    _, near = deployed("gs://points/v1")
    assert near() == ["open", "people", "not-pay"]
    assert near(about(allow_list=["people"])) == ["people", "not-pay"]
    assert near(about(allow_list=["people", "pay"])) == ["people"]
    assert near(about(deny_list=["people"])) == ["open"]
