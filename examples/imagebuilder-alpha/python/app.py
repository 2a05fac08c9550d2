"""The imported image in a recipe and a pipeline of the CDK's own module for Image Builder."""

import aws_cdk.aws_imagebuilder_alpha as imagebuilder
from aws_cdk import App, CfnOutput, Stack, aws_events as events, aws_iam as iam, aws_s3 as s3
from cdk_vm_import import DiskContainer, LicenseType, Platform, VmImportImage


class ImagebuilderAlphaStack(Stack):
    def __init__(self, scope, id, **kwargs):
        super().__init__(scope, id, **kwargs)
        # A recipe never changes: what builds on another image is another version of it.
        version = self.node.try_get_context("version") or "1.0.0"

        exports = s3.Bucket.from_bucket_name(self, "Exports", self.node.try_get_context("bucket") or "my-vm-exports")
        golden = VmImportImage(
            self,
            "Golden",
            disk_containers=[DiskContainer.from_bucket(exports, f"debian12-{version}.vmdk")],
            platform=Platform.LINUX,
            license_type=LicenseType.BYOL,
            image_name="debian12",
            semantic_version=version,
        )

        update_os = imagebuilder.AmazonManagedComponent.update_os(self, "UpdateOs", platform=imagebuilder.Platform.LINUX)
        recipe = imagebuilder.ImageRecipe(
            self,
            "Recipe",
            image_recipe_version=version,
            base_image=imagebuilder.BaseImage.from_string(golden.image_arn),
            components=[imagebuilder.ComponentConfiguration(component=update_os)],
        )
        # https://docs.aws.amazon.com/imagebuilder/latest/userguide/image-builder-setting-up.html
        instance_profile = self.node.try_get_context("instanceProfile") or "EC2InstanceProfileForImageBuilder"
        pipeline = imagebuilder.ImagePipeline(
            self,
            "Pipeline",
            recipe=recipe,
            schedule=imagebuilder.ImagePipelineSchedule(
                expression=events.Schedule.cron(week_day="sun", hour="3", minute="0")
            ),
            infrastructure_configuration=imagebuilder.InfrastructureConfiguration(
                self,
                "Infrastructure",
                instance_profile=iam.InstanceProfile.from_instance_profile_name(
                    self, "InstanceProfile", instance_profile
                ),
            ),
        )

        CfnOutput(self, "ImageArn", value=golden.image_arn)
        CfnOutput(self, "AmiId", value=golden.ami_id)
        CfnOutput(self, "PipelineArn", value=pipeline.image_pipeline_arn)


app = App()
ImagebuilderAlphaStack(app, "ImagebuilderAlpha")
app.synth()
