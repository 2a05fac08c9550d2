"""A Windows server of two disks keeps its license, which License Manager counts."""

from aws_cdk import App, ArnFormat, CfnOutput, Fn, Stack, aws_s3 as s3
from cdk_vm_import import BootMode, DiskContainer, LicenseType, Platform, VmImportImage


class WindowsByolStack(Stack):
    def __init__(self, scope, id, **kwargs):
        super().__init__(scope, id, **kwargs)
        exports = s3.Bucket.from_bucket_name(self, "Exports", self.node.try_get_context("bucket") or "my-vm-exports")
        license_configuration = self.format_arn(
            service="license-manager",
            resource="license-configuration",
            resource_name=self.node.try_get_context("licenseConfiguration") or "lic-0123456789abcdef0123456789abcdef",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )

        golden = VmImportImage(
            self,
            "Golden",
            # The disk to boot from comes first.
            disk_containers=[
                DiskContainer.from_bucket(exports, "erp/system.vmdk", device_name="/dev/sda1", description="system"),
                DiskContainer.from_bucket(exports, "erp/data.vmdk", device_name="xvdb", description="data"),
            ],
            platform=Platform.WINDOWS,
            os_version="Microsoft Windows Server 2022",
            # EC2 documents no license configurations for UEFI imports.
            boot_mode=BootMode.LEGACY_BIOS,
            license_type=LicenseType.BYOL,
            license_configuration_arns=[license_configuration],
            image_name="erp",
            semantic_version="1.0.0",
        )

        CfnOutput(self, "ImageArn", value=golden.image_arn)
        CfnOutput(self, "AmiId", value=golden.ami_id)
        CfnOutput(self, "SnapshotIds", value=Fn.join(",", golden.snapshot_ids))


app = App()
WindowsByolStack(app, "WindowsByol")
app.synth()
