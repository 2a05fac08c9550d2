"""A VMDK beside the app is looked at when the app is synthesized, uploaded as it is, and imported."""

from aws_cdk import App, CfnOutput, Stack
from cdk_vm_import import DiskContainer, LicenseType, Platform, VmImportImage


class LocalVmdkStack(Stack):
    def __init__(self, scope, id, **kwargs):
        super().__init__(scope, id, **kwargs)
        golden = VmImportImage(
            self,
            "Golden",
            # The key of the upload is made from its content: new content is a new import.
            disk_containers=[DiskContainer.from_asset(self.node.try_get_context("disk") or "disk.vmdk")],
            platform=Platform.LINUX,
            license_type=LicenseType.BYOL,
            image_name="appliance",
            semantic_version="1.0.0",
        )

        CfnOutput(self, "ImageArn", value=golden.image_arn)
        CfnOutput(self, "AmiId", value=golden.ami_id)


app = App()
LocalVmdkStack(app, "LocalVmdk")
app.synth()
