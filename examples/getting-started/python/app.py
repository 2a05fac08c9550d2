"""A disk image beside the app becomes an EC2 Image Builder image and its AMI."""

from aws_cdk import App, CfnOutput, Stack, Tags
from cdk_vm_import import DiskContainer, LicenseType, Platform, VmImportImage


class GettingStartedStack(Stack):
    def __init__(self, scope, id, **kwargs):
        super().__init__(scope, id, **kwargs)
        golden = VmImportImage(
            self,
            "Golden",
            # The file is uploaded as it is. New content is a new import.
            disk_containers=[DiskContainer.from_asset(self.node.try_get_context("disk") or "disk.raw")],
            platform=Platform.LINUX,
            license_type=LicenseType.BYOL,
            image_name="golden",
            semantic_version="1.0.0",
        )

        # Tags reach the import task, the AMI, its snapshots and the Image Builder image. They change in place.
        Tags.of(self).add("team", self.node.try_get_context("team") or "platform")

        CfnOutput(self, "ImageArn", value=golden.image_arn)
        CfnOutput(self, "AmiId", value=golden.ami_id)


app = App()
GettingStartedStack(app, "GettingStarted")
app.synth()
