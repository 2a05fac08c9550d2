"""A cloud image for arm64 becomes an AMI as it is. A launch template starts it on Graviton."""

from aws_cdk import App, CfnOutput, Size, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_s3 as s3
from cdk_vm_import import DiskContainer, VmImportAmi


class CloudImageArm64Stack(Stack):
    def __init__(self, scope, id, **kwargs):
        super().__init__(scope, id, **kwargs)
        bucket = self.node.try_get_context("bucket") or "my-cloud-images"
        images = s3.Bucket.from_bucket_name(self, "Images", bucket)

        # The preflight derives architecture and boot mode from the boot loader on the disk.
        key = self.node.try_get_context("key") or "fedora-cloud-aarch64.qcow2"
        fedora = VmImportAmi(
            self,
            "Fedora",
            disk_containers=[DiskContainer.from_bucket(images, key)],
            description="Fedora Cloud for arm64",
            volume_size=Size.gibibytes(10),
        )

        launch_template = ec2.LaunchTemplate(
            self,
            "LaunchTemplate",
            machine_image=fedora,
            instance_type=ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.SMALL),
            require_imdsv2=True,
            detailed_monitoring=True,
        )

        CfnOutput(self, "AmiId", value=fedora.ami_id)
        CfnOutput(self, "Architecture", value=fedora.architecture)
        CfnOutput(self, "BootMode", value=fedora.boot_mode)
        CfnOutput(self, "LaunchTemplateId", value=launch_template.launch_template_id)


app = App()
CloudImageArm64Stack(app, "CloudImageArm64")
app.synth()
