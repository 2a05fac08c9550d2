"""An AMI that others find by its name, or in a parameter, may launch, and hear of."""

from aws_cdk import (
    App,
    CfnOutput,
    RemovalPolicy,
    Stack,
    aws_events_targets as targets,
    aws_iam as iam,
    aws_kms as kms,
    aws_s3 as s3,
    aws_sns as sns,
)
from cdk_vm_import import (
    AmiOptions,
    DeregistrationProtection,
    DiskContainer,
    LaunchPermissions,
    LicenseType,
    Platform,
    VmImportImage,
)


class PublishedAmiStack(Stack):
    def __init__(self, scope, id, **kwargs):
        super().__init__(scope, id, **kwargs)
        version = self.node.try_get_context("version") or "1.0.0"
        accounts = self.node.try_get_context("accounts")
        organizations = self.node.try_get_context("organizations")
        units = self.node.try_get_context("units")
        protect = self.node.try_get_context("protect") == "true"

        exports = s3.Bucket.from_bucket_name(self, "Exports", self.node.try_get_context("bucket") or "my-vm-exports")
        golden = VmImportImage(
            self,
            "Golden",
            disk_containers=[
                DiskContainer.from_bucket(
                    exports,
                    f"golden-{version}.ova",
                    # After the import, when the image is there. A bucket with versions keeps the others.
                    delete_source_on_success=self.node.try_get_context("deleteDisk") == "true",
                ),
            ],
            platform=Platform.LINUX,
            license_type=LicenseType.BYOL,
            image_name="golden",
            semantic_version=version,
            # All of these are changed in place, without a new import.
            ami=AmiOptions(
                # Names are unique, and the old AMI stands until the new one does: the version tells them apart.
                name=f"golden-{version}",
                description=f"The golden image, version {version}",
                launch_permissions=LaunchPermissions(
                    account_ids=accounts.split(",") if accounts else None,
                    organization_arns=organizations.split(",") if organizations else None,
                    organizational_unit_arns=units.split(",") if units else None,
                    # Everybody with an AWS account: synthesis warns.
                    public_access=self.node.try_get_context("public") == "true",
                ),
                require_imdsv2=True,
                deprecate_at=self.node.try_get_context("deprecateAt"),
                deregistration_protection=DeregistrationProtection.ENABLED if protect else None,
                # The next version replaces this one: that is ours to say, nobody else's.
                lift_protection_on_delete=protect,
            ),
        )
        # Launch templates take it as resolve:ssm:/images/golden.
        parameter = golden.add_ami_parameter(
            "Parameter", parameter_name="/images/golden", description="The AMI of the golden image"
        )

        # Who assumes the role may launch this AMI; on what network, and as what, is yours to allow.
        launcher = iam.Role(self, "Launcher", assumed_by=iam.AccountRootPrincipal())
        golden.grant_launch(launcher)

        key = kms.Key(self, "Key", description="News of images", enable_key_rotation=True, removal_policy=RemovalPolicy.DESTROY)
        topic = sns.Topic(self, "News", master_key=key, enforce_ssl=True)
        golden.on_import_succeeded("Succeeded", target=targets.SnsTopic(topic))
        golden.on_import_failed("Failed", target=targets.SnsTopic(topic))

        CfnOutput(self, "ImageArn", value=golden.image_arn)
        CfnOutput(self, "AmiId", value=golden.ami_id)
        CfnOutput(self, "ParameterName", value=parameter.parameter_name)
        CfnOutput(self, "TopicArn", value=topic.topic_arn)


app = App()
PublishedAmiStack(app, "PublishedAmi")
app.synth()
