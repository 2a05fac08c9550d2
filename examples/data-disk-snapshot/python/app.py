"""The data disk of an old server becomes an encrypted snapshot. Every server of the launch template gets a volume made from it."""

from aws_cdk import App, CfnOutput, Stack, Token
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_s3 as s3
from cdk_vm_import import DiskContainer, VmImportSnapshot


class DataDiskSnapshotStack(Stack):
    def __init__(self, scope, id, **kwargs):
        super().__init__(scope, id, **kwargs)
        bucket = s3.Bucket.from_bucket_name(self, "Exports", self.node.try_get_context("bucket") or "my-vm-exports")
        data = VmImportSnapshot(
            self,
            "Data",
            disk_container=DiskContainer.from_bucket(bucket, self.node.try_get_context("key") or "data.qcow2"),
            description="The data of the old server",
            encrypted=True,
        )

        ec2.LaunchTemplate(
            self,
            "Servers",
            block_devices=[
                ec2.BlockDevice(
                    device_name="/dev/sdf",
                    volume=ec2.BlockDeviceVolume.ebs_from_snapshot(
                        data.snapshot_id, volume_type=ec2.EbsDeviceVolumeType.GP3
                    ),
                )
            ],
            require_imdsv2=True,
        )
        CfnOutput(self, "SnapshotId", value=data.snapshot_id)
        CfnOutput(self, "VolumeSize", value=Token.as_string(data.volume_size), description="GiB")


app = App()
DataDiskSnapshotStack(app, "DataDiskSnapshot")
app.synth()
