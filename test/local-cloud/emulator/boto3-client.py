"""An import from request to nothing left, by boto3: ENDPOINT in, what AWS would have answered out as JSON."""

import json
import sys
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

OPTIONS = {
    "endpoint_url": sys.argv[1],
    "region_name": "us-east-1",
    "aws_access_key_id": "test",
    "aws_secret_access_key": "test",
    "config": Config(retries={"total_max_attempts": 1}),
}
ec2 = boto3.client("ec2", **OPTIONS)
imagebuilder = boto3.client("imagebuilder", **OPTIONS)
DEADLINE = time.monotonic() + 30


def until(look, accept):
    while True:
        found = look()
        if accept(found):
            return found
        if time.monotonic() > DEADLINE:
            raise TimeoutError(f"still {found}")
        time.sleep(0.02)


def error_of(call, **parameters):
    try:
        call(**parameters)
    except ClientError as error:
        return [error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]]
    except ConnectionClosedError:
        return ["connection closed"]
    return []


def task_of(task_id):
    return ec2.describe_import_image_tasks(ImportTaskIds=[task_id])["ImportImageTasks"][0]


DISK = {"Format": "raw", "Description": "<root> & \"data\"", "UserBucket": {"S3Bucket": "bucket", "S3Key": "disk.raw"}}
REQUEST = {
    "ClientToken": "token",
    "DiskContainers": [DISK],
    "Platform": "Linux",
    "TagSpecifications": [{"ResourceType": "import-image-task", "Tags": [{"Key": "name", "Value": "é & <b>"}]}],
}
started = ec2.import_image(**REQUEST)
again = ec2.import_image(**REQUEST)
other = ec2.import_image(DiskContainers=[DISK])
task_id = started["ImportTaskId"]
pages = list(ec2.get_paginator("describe_import_image_tasks").paginate(PaginationConfig={"PageSize": 1}))
filtered = ec2.describe_import_image_tasks(Filters=[{"Name": "tag:name", "Values": ["é*"]}])["ImportImageTasks"]
cancelled = ec2.cancel_import_task(ImportTaskId=other["ImportTaskId"])

image_arn = imagebuilder.import_vm_image(
    name="From boto3", semanticVersion="1.0.0", platform="Linux", vmImportTaskId=task_id, clientToken="token", tags={"a": "b c"}
)["imageArn"]
delete_early = error_of(imagebuilder.delete_image, imageBuildVersionArn=image_arn)
done = until(lambda: task_of(task_id), lambda task: task["Status"] == "completed")
ec2.get_waiter("image_available").wait(ImageIds=[done["ImageId"]])
ami = ec2.describe_images(Owners=["self"], Filters=[{"Name": "name", "Values": [task_id]}])["Images"][0]
snapshot_id = ami["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]
ec2.create_tags(Resources=[ami["ImageId"], snapshot_id], Tags=[{"Key": "k", "Value": "v"}, {"Key": "gone", "Value": ""}])
ec2.delete_tags(Resources=[ami["ImageId"], snapshot_id], Tags=[{"Key": "gone"}])
tagged = ec2.describe_snapshots(OwnerIds=["self"], Filters=[{"Name": "tag:k", "Values": ["v"]}])["Snapshots"]

available = until(
    lambda: imagebuilder.get_image(imageBuildVersionArn=image_arn)["image"], lambda image: image["state"]["status"] == "AVAILABLE"
)
imagebuilder.tag_resource(resourceArn=image_arn, tags={"c": "d"})
imagebuilder.untag_resource(resourceArn=image_arn, tagKeys=["a"])
builds = imagebuilder.list_image_build_versions(imageVersionArn=image_arn.rsplit("/", 1)[0])["imageSummaryList"]
recipe_arn = imagebuilder.create_image_recipe(
    name="recipe", semanticVersion="1.0.0", parentImage=image_arn, clientToken="token"
)["imageRecipeArn"]
delete_held = error_of(imagebuilder.delete_image, imageBuildVersionArn=image_arn)
imagebuilder.delete_image_recipe(imageRecipeArn=recipe_arn)
imagebuilder.delete_image(imageBuildVersionArn=image_arn)
snapshot_in_use = error_of(ec2.delete_snapshot, SnapshotId=snapshot_id)
ec2.deregister_image(ImageId=ami["ImageId"])
ec2.delete_snapshot(SnapshotId=snapshot_id)

json.dump(
    {
        "same task": again["ImportTaskId"] == task_id,
        "started": [started["Status"], started["StatusMessage"], started["Progress"]],
        "pages": [len(page["ImportImageTasks"]) for page in pages if page["ImportImageTasks"]],
        "filtered": [[task["ImportTaskId"] == task_id, task["Tags"], task["SnapshotDetails"][0]["Description"]] for task in filtered],
        "cancelled": [cancelled["PreviousState"], cancelled["State"]],
        "disk": [done["SnapshotDetails"][0]["DiskImageSize"], done["SnapshotDetails"][0]["SnapshotId"] == snapshot_id],
        "ami": [ami["State"], ami["Architecture"], ami["CreationDate"][:2], ami["Tags"] if "Tags" in ami else []],
        "snapshots": [[snapshot["SnapshotId"] == snapshot_id, snapshot["StartTime"].year > 2000, snapshot["Tags"]] for snapshot in tagged],
        "image": [available["version"], available["outputResources"]["amis"][0]["image"] == ami["ImageId"], available["tags"]],
        "builds": [[build["arn"] == image_arn, build["tags"]] for build in builds],
        "errors": {
            "image still being made": delete_early,
            "image held by a recipe": delete_held,
            "image gone": error_of(imagebuilder.get_image, imageBuildVersionArn=image_arn),
            "snapshot in use": snapshot_in_use,
            "snapshot gone": error_of(ec2.delete_snapshot, SnapshotId=snapshot_id),
            "AMI gone": error_of(ec2.deregister_image, ImageId=ami["ImageId"]),
            "token with other parameters": error_of(ec2.import_image, ClientToken="token", DiskContainers=[DISK]),
            "role": error_of(ec2.import_image, DiskContainers=[DISK], RoleName="nobody"),
            "unknown task": error_of(task_of, task_id="import-ami-0123456789abcdef0"),
            "throttled": error_of(ec2.describe_images, Owners=["amazon"]),
            "throttled by Image Builder": error_of(imagebuilder.list_images),
            "dropped": error_of(ec2.describe_snapshots, OwnerIds=["amazon"]),
        },
    },
    sys.stdout,
)
