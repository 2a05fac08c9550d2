"""Two imports share a service role, and a provider whose functions run in a VPC."""

from aws_cdk import (
    Annotations,
    App,
    CfnOutput,
    Duration,
    Stack,
    aws_ec2 as ec2,
    aws_kms as kms,
    aws_logs as logs,
    aws_s3 as s3,
)
from cdk_vm_import import DiskContainer, LicenseType, Platform, VmImportImage, VmImportProvider, VmImportRole


class SharedProviderInVpcStack(Stack):
    def __init__(self, scope, id, **kwargs):
        super().__init__(scope, id, **kwargs)
        key = kms.Key(self, "Key", description="Logs and functions of VM imports", enable_key_rotation=True)
        subnets = self.node.try_get_context("subnets") or "subnet-0123456789abcdef0,subnet-0123456789abcdef1"
        vpc = ec2.Vpc.from_vpc_attributes(
            self,
            "Vpc",
            vpc_id=self.node.try_get_context("vpc") or "vpc-0123456789abcdef0",
            availability_zones=[f"{self.region}a", f"{self.region}b"],
            isolated_subnet_ids=subnets.split(","),
        )
        Annotations.of(vpc).acknowledge_warning("@aws-cdk/aws-ec2:noSubnetRouteTableId", "Nothing here asks for routes.")

        provider = VmImportProvider(
            self,
            "Provider",
            vpc=vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            environment_encryption=key,
            log_encryption_key=key,
            log_retention=logs.RetentionDays.ONE_YEAR,
            poll_interval=Duration.minutes(1),
        )
        role = VmImportRole(self, "ImportRole")

        exports = s3.Bucket.from_bucket_name(self, "Exports", self.node.try_get_context("bucket") or "my-vm-exports")
        for name in ["frontend", "backend"]:
            image = VmImportImage(
                self,
                name,
                disk_containers=[DiskContainer.from_bucket(exports, f"{name}.ova")],
                provider=provider,
                role=role,
                platform=Platform.LINUX,
                license_type=LicenseType.BYOL,
                image_name=name,
                semantic_version="1.0.0",
            )
            CfnOutput(self, f"{name}-ami", value=image.ami_id)


app = App()
SharedProviderInVpcStack(app, "SharedProviderInVpc")
app.synth()
