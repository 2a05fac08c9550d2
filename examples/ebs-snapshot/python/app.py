"""A disk that is an EBS snapshot already becomes a machine image. The snapshot itself stays."""

from aws_cdk import App, CfnOutput, Stack
from cdk_vm_import import DiskContainer, LicenseType, Platform, VmImportImage


class EbsSnapshotStack(Stack):
    def __init__(self, scope, id, **kwargs):
        super().__init__(scope, id, **kwargs)
        snapshot = self.node.try_get_context("snapshot") or "snap-0123456789abcdef0"
        golden = VmImportImage(
            self,
            "Golden",
            disk_containers=[DiskContainer.from_snapshot(snapshot)],
            platform=Platform.LINUX,
            license_type=LicenseType.BYOL,
            image_name="from-snapshot",
            semantic_version="1.0.0",
        )

        CfnOutput(self, "ImageArn", value=golden.image_arn)
        CfnOutput(self, "AmiId", value=golden.ami_id)


app = App()
EbsSnapshotStack(app, "EbsSnapshot")
app.synth()
