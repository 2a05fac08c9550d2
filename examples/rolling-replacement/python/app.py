"""An Auto Scaling group runs the imported machine. A new image replaces its instances, one after the other."""

from aws_cdk import (
    Annotations,
    App,
    CfnOutput,
    Duration,
    Stack,
    aws_autoscaling as autoscaling,
    aws_ec2 as ec2,
    aws_s3 as s3,
    aws_sns as sns,
)
from cdk_vm_import import DiskContainer, LicenseType, Platform, VmImportImage


class RollingReplacementStack(Stack):
    def __init__(self, scope, id, **kwargs):
        super().__init__(scope, id, **kwargs)
        version = self.node.try_get_context("version") or "1.0.0"
        subnets = self.node.try_get_context("subnets") or "subnet-0123456789abcdef0,subnet-0123456789abcdef1"
        vpc = ec2.Vpc.from_vpc_attributes(
            self,
            "Vpc",
            vpc_id=self.node.try_get_context("vpc") or "vpc-0123456789abcdef0",
            availability_zones=[f"{self.region}a", f"{self.region}b"],
            private_subnet_ids=subnets.split(","),
        )
        Annotations.of(vpc).acknowledge_warning("@aws-cdk/aws-ec2:noSubnetRouteTableId", "Nothing here asks for routes.")

        exports = s3.Bucket.from_bucket_name(self, "Exports", self.node.try_get_context("bucket") or "my-vm-exports")
        golden = VmImportImage(
            self,
            "Golden",
            disk_containers=[DiskContainer.from_bucket(exports, f"web-{version}.ova")],
            platform=Platform.LINUX,
            license_type=LicenseType.BYOL,
            image_name="web",
            semantic_version=version,
        )

        # The AMI is part of the launch template: another one makes a new version of it.
        launch_template = ec2.LaunchTemplate(
            self,
            "LaunchTemplate",
            machine_image=golden,
            instance_type=ec2.InstanceType.of(ec2.InstanceClass.M5, ec2.InstanceSize.LARGE),
            security_group=ec2.SecurityGroup(self, "SecurityGroup", vpc=vpc, description="The web servers"),
            # The root volume, at least as large as the disk that was imported.
            block_devices=[
                ec2.BlockDevice(device_name="/dev/sda1", volume=ec2.BlockDeviceVolume.ebs(40, encrypted=True)),
            ],
            require_imdsv2=True,
            detailed_monitoring=True,
        )
        topic_arn = self.format_arn(service="sns", resource=self.node.try_get_context("topic") or "operations")
        topic = sns.Topic.from_topic_arn(self, "Operations", topic_arn)
        # The group follows the latest version. CloudFormation deletes the old AMI when no instance of it is left.
        autoscaling.AutoScalingGroup(
            self,
            "Web",
            vpc=vpc,
            launch_template=launch_template,
            min_capacity=2,
            max_capacity=4,
            update_policy=autoscaling.UpdatePolicy.rolling_update(
                min_instances_in_service=2,
                max_batch_size=1,
                # What an instance takes to start; an imported machine has no cfn-signal to say so.
                wait_on_resource_signals=False,
                pause_time=Duration.minutes(5),
            ),
            notifications=[autoscaling.NotificationConfiguration(topic=topic)],
        )

        CfnOutput(self, "ImageArn", value=golden.image_arn)
        CfnOutput(self, "AmiId", value=golden.ami_id)
        CfnOutput(self, "LaunchTemplateVersion", value=launch_template.latest_version_number)


app = App()
RollingReplacementStack(app, "RollingReplacement")
app.synth()
