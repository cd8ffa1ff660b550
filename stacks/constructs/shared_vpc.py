"""A service project of a Shared VPC."""

from __future__ import annotations

from collections.abc import Mapping

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_google.compute_shared_vpc_service_project import ComputeSharedVpcServiceProject
from cdktf_cdktf_provider_google.compute_subnetwork_iam_member import ComputeSubnetworkIamMember
from constructs import Construct


class ServiceProject(Construct):
    """Lets a project use exactly the given subnets of a host project, and exactly the given members use them.

    `subnets` maps a region to the subnet's name, `users` a stable key to an IAM member. `project_id` is a value of
    Project.using("compute"). What runs on the subnets depends on `ready`: the attachment and every grant.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        host_project: str,
        project_id: str,
        subnets: Mapping[str, str],
        users: Mapping[str, str],
    ) -> None:
        super().__init__(scope, id_)
        attachment = ComputeSharedVpcServiceProject(
            self, "attachment", host_project=host_project, service_project=project_id
        )
        self.ready: list[ITerraformDependable] = [attachment]
        for region, subnet in sorted(subnets.items()):
            for key, member in sorted(users.items()):
                grant = ComputeSubnetworkIamMember(
                    self,
                    f"user-{region}-{key}",
                    project=host_project,
                    region=region,
                    subnetwork=subnet,
                    role="roles/compute.networkUser",
                    member=member,
                )
                self.ready.append(grant)
