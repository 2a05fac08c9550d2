"""An OVA in a bucket becomes the parent image of a recipe, and a pipeline builds from it every Sunday."""

from aws_cdk import App, CfnOutput, Stack, aws_imagebuilder as imagebuilder, aws_s3 as s3
from cdk_vm_import import DiskContainer, LicenseType, Platform, VmImportImage


class OvaToPipelineStack(Stack):
    def __init__(self, scope, id, **kwargs):
        super().__init__(scope, id, **kwargs)
        # A recipe never changes: what builds on another image is another version of it.
        version = self.node.try_get_context("version") or "1.0.0"

        exports = s3.Bucket.from_bucket_name(self, "Exports", self.node.try_get_context("bucket") or "my-vm-exports")
        golden = VmImportImage(
            self,
            "Golden",
            disk_containers=[DiskContainer.from_bucket(exports, f"rhel9-{version}.ova")],
            platform=Platform.LINUX,
            os_version="Red Hat Enterprise Linux 9",
            license_type=LicenseType.BYOL,
            image_name="rhel9",
            semantic_version=version,
        )

        recipe = imagebuilder.CfnImageRecipe(
            self,
            "Recipe",
            name="rhel9-patched",
            version=version,
            parent_image=golden.image_arn,
            components=[
                imagebuilder.CfnImageRecipe.ComponentConfigurationProperty(
                    component_arn=self.format_arn(
                        service="imagebuilder", account="aws", resource="component", resource_name="update-linux/x.x.x"
                    ),
                ),
            ],
        )
        infrastructure = imagebuilder.CfnInfrastructureConfiguration(
            self,
            "Infrastructure",
            name="rhel9-patched",
            # https://docs.aws.amazon.com/imagebuilder/latest/userguide/image-builder-setting-up.html
            instance_profile_name=self.node.try_get_context("instanceProfile") or "EC2InstanceProfileForImageBuilder",
            instance_metadata_options=imagebuilder.CfnInfrastructureConfiguration.InstanceMetadataOptionsProperty(
                http_tokens="required"
            ),
        )
        pipeline = imagebuilder.CfnImagePipeline(
            self,
            "Pipeline",
            name="rhel9-patched",
            image_recipe_arn=recipe.attr_arn,
            infrastructure_configuration_arn=infrastructure.attr_arn,
            schedule=imagebuilder.CfnImagePipeline.ScheduleProperty(schedule_expression="cron(0 3 ? * sun *)"),
        )

        CfnOutput(self, "ImageArn", value=golden.image_arn)
        CfnOutput(self, "AmiId", value=golden.ami_id)
        CfnOutput(self, "PipelineArn", value=pipeline.attr_arn)


app = App()
OvaToPipelineStack(app, "OvaToPipeline")
app.synth()
