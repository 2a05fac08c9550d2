"""The snapshots of the AMI are encrypted with a key of ours."""

from aws_cdk import App, CfnOutput, Stack, aws_kms as kms, aws_s3 as s3
from cdk_vm_import import DiskContainer, LicenseType, Platform, VmImportImage


class CustomerKeyStack(Stack):
    def __init__(self, scope, id, **kwargs):
        super().__init__(scope, id, **kwargs)
        # It stays when the stack is deleted: the volumes of instances that run are encrypted with it, too.
        key = kms.Key(self, "Key", description="Imported virtual machines", enable_key_rotation=True)

        exports = s3.Bucket.from_bucket_name(self, "Exports", self.node.try_get_context("bucket") or "my-vm-exports")
        golden = VmImportImage(
            self,
            "Golden",
            disk_containers=[DiskContainer.from_bucket(exports, "payroll.ova")],
            encryption_key=key,
            platform=Platform.LINUX,
            license_type=LicenseType.BYOL,
            image_name="payroll",
            semantic_version="1.0.0",
        )

        CfnOutput(self, "ImageArn", value=golden.image_arn)
        CfnOutput(self, "AmiId", value=golden.ami_id)
        CfnOutput(self, "KeyArn", value=key.key_arn)


app = App()
CustomerKeyStack(app, "CustomerKey")
app.synth()
