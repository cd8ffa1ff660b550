"""What starts a build."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cdktf_cdktf_provider_google.cloud_scheduler_job import CloudSchedulerJob, CloudSchedulerJobPubsubTarget
from cdktf_cdktf_provider_google.cloudbuild_trigger import (
    CloudbuildTrigger,
    CloudbuildTriggerApprovalConfig,
    CloudbuildTriggerBuild,
    CloudbuildTriggerBuildAvailableSecrets,
    CloudbuildTriggerBuildAvailableSecretsSecretManager,
    CloudbuildTriggerBuildOptions,
    CloudbuildTriggerBuildStep,
    CloudbuildTriggerPubsubConfig,
    CloudbuildTriggerRepositoryEventConfig,
    CloudbuildTriggerRepositoryEventConfigPullRequest,
    CloudbuildTriggerRepositoryEventConfigPush,
    CloudbuildTriggerSourceToBuild,
)
from cdktf_cdktf_provider_google.pubsub_topic import PubsubTopic, PubsubTopicMessageStoragePolicy
from cdktf_cdktf_provider_google.pubsub_topic_iam_member import PubsubTopicIamMember
from constructs import Construct

from cloudbuild.pipelines import OWN_CODE, REPOSITORY, Build, Trigger

PUBLISHER = "roles/pubsub.publisher"


class BuildTrigger(Construct):
    """A trigger that carries its build: what runs is what is written here, on the private pool, as one identity.

    A message starts it through a topic of its own, to which only `starters` (key -> member) and the `schedule` publish.
    `account` is the builder's full name, `repository` the connected repository's id, `branch` the branch's name.
    `substitutions` is everything the platform knows; the build gets what it uses. `topic_key` encrypts the topic. With
    `own_code` it runs the code of its repository.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        project_id: str,
        location: str,
        name: str,
        description: str,
        trigger: Trigger,
        build: Build,
        own_code: bool,
        account: str,
        repository: str,
        branch: str,
        worker_pool: str,
        substitutions: Mapping[str, str],
        starters: Mapping[str, str],
        schedule: str | None,
        topic_key: str,
    ) -> None:
        super().__init__(scope, id_)
        self._project, self._location, self._name, self._key = project_id, location, name, topic_key
        event: dict[str, Any]
        if trigger.event == "message":
            topic = self._topic(starters, schedule)
            source = CloudbuildTriggerSourceToBuild(
                repository=repository, ref=f"refs/heads/{branch}", repo_type="UNKNOWN"
            )
            event = {"pubsub_config": CloudbuildTriggerPubsubConfig(topic=topic), "source_to_build": source}
        else:
            event = {"repository_event_config": _event(trigger.event, repository, branch)}
        known = {key: value for key, value in substitutions.items() if key in build.substitutions}
        known |= {f"_{key.upper()}": f"$(body.message.attributes.{key})" for key in trigger.attributes}
        CloudbuildTrigger(
            self,
            "trigger",
            project=project_id,
            location=location,
            name=name,
            description=description,
            service_account=account,
            included_files=trigger.files or None,
            approval_config=CloudbuildTriggerApprovalConfig(approval_required=trigger.approval),
            substitutions={key: _literal(value) for key, value in sorted(known.items())},
            build_attribute=_carried(build, worker_pool, repository, [OWN_CODE] if own_code else []),
            **event,
        )

    def _topic(self, starters: Mapping[str, str], schedule: str | None) -> str:
        topic = PubsubTopic(
            self,
            "topic",
            project=self._project,
            name=self._name,
            kms_key_name=self._key,
            message_storage_policy=PubsubTopicMessageStoragePolicy(allowed_persistence_regions=[self._location]),
        )
        for key, member in sorted(starters.items()):
            PubsubTopicIamMember(
                self, f"starter-{key}", project=self._project, topic=topic.name, role=PUBLISHER, member=member
            )
        if schedule:
            CloudSchedulerJob(
                self,
                "schedule",
                project=self._project,
                region=self._location,
                name=self._name,
                schedule=schedule,
                time_zone="Etc/UTC",
                pubsub_target=CloudSchedulerJobPubsubTarget(topic_name=topic.id, attributes={"by": "schedule"}),
            )
        link: str = topic.id
        return link


def _event(event: str, repository: str, branch: str) -> Any:
    if event == "push":
        push = CloudbuildTriggerRepositoryEventConfigPush(branch=f"^{branch}$")
        return CloudbuildTriggerRepositoryEventConfig(repository=repository, push=push)
    request = CloudbuildTriggerRepositoryEventConfigPullRequest(
        branch=f"^{branch}$", comment_control="COMMENTS_ENABLED_FOR_EXTERNAL_CONTRIBUTORS_ONLY"
    )
    return CloudbuildTriggerRepositoryEventConfig(repository=repository, pull_request=request)


def _carried(build: Build, worker_pool: str, repository: str, env: Sequence[str]) -> Any:
    secrets = [
        CloudbuildTriggerBuildAvailableSecretsSecretManager(env=secret.env, version_name=_literal(secret.version))
        for secret in build.available_secrets.secret_manager
    ]
    return CloudbuildTriggerBuild(
        available_secrets=CloudbuildTriggerBuildAvailableSecrets(secret_manager=secrets) if secrets else None,
        step=[
            CloudbuildTriggerBuildStep(
                id=step.id,
                name=_literal(step.name),
                entrypoint=step.entrypoint,
                args=_literals(step.args),
                env=_literals([*step.env, *env]),
                secret_env=step.secret_env or None,
                dir=step.dir,
                allow_exit_codes=step.allow_exit_codes or None,
                wait_for=step.wait_for or None,
            )
            for step in build.steps
        ],
        timeout=build.timeout,
        options=CloudbuildTriggerBuildOptions(
            logging=build.options.logging,
            worker_pool=worker_pool,
            env=[f"{REPOSITORY}={repository}"],
        ),
    )


def _literals(words: Sequence[str]) -> list[str] | None:
    return [_literal(word) for word in words] or None


def _literal(word: str) -> str:
    # Danger: Terraform would take Cloud Build's ${NAME} for a reference of its own.
    return word.replace("${", "$${")
