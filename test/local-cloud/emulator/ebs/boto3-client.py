"""A snapshot written and read back by boto3: ENDPOINT in, what the server answered out as JSON."""

import base64
import hashlib
import json
import sys
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

OPTIONS = {
    "endpoint_url": sys.argv[1],
    "region_name": "us-east-1",
    "aws_access_key_id": "test",
    "aws_secret_access_key": "test",
    "config": Config(retries={"total_max_attempts": 1}),
}
ebs = boto3.client("ebs", **OPTIONS)
ec2 = boto3.client("ec2", **OPTIONS)
BLOCK_SIZE = 524288
DEADLINE = time.monotonic() + 30


def digest(data):
    return hashlib.sha256(data).digest()


def encoded(data):
    return base64.b64encode(data).decode()


def put(snapshot_id, index, data, **changes):
    request = {"BlockData": data, "DataLength": len(data), "Checksum": encoded(digest(data)), "ChecksumAlgorithm": "SHA256"}
    return ebs.put_snapshot_block(SnapshotId=snapshot_id, BlockIndex=index, **{**request, **changes})


def error_of(call, *arguments, **parameters):
    try:
        call(*arguments, **parameters)
    except ClientError as error:
        return [error.response["Error"]["Code"], error.response.get("Reason"), error.response["ResponseMetadata"]["HTTPStatusCode"]]
    return []


blocks = {7: bytes([7]) * BLOCK_SIZE, 0: bytes(range(256)) * 2048, 2047: b"end!" * (BLOCK_SIZE // 4)}
started = ebs.start_snapshot(VolumeSize=1, Description="by boto3", Tags=[{"Key": "name", "Value": "é & <b>"}])
snapshot_id = started["SnapshotId"]
put(snapshot_id, 7, bytes(BLOCK_SIZE))
answers = [put(snapshot_id, index, data) for index, data in blocks.items()]
refused = {
    "checksum of something else": error_of(put, snapshot_id, 1, bytes(BLOCK_SIZE), Checksum=encoded(digest(b"x"))),
    "short block": error_of(put, snapshot_id, 1, bytes(10)),
    "block behind the volume": error_of(put, snapshot_id, 2048, bytes(BLOCK_SIZE)),
    "unknown snapshot": error_of(put, "snap-0123456789abcdef0", 0, bytes(BLOCK_SIZE)),
    "wrong count": error_of(ebs.complete_snapshot, SnapshotId=snapshot_id, ChangedBlocksCount=2),
} if "strict" in sys.argv else {}
linear = digest(b"".join(digest(data) for _, data in sorted(blocks.items())))
completed = ebs.complete_snapshot(
    SnapshotId=snapshot_id, ChangedBlocksCount=len(blocks), Checksum=encoded(linear), ChecksumAlgorithm="SHA256", ChecksumAggregationMethod="LINEAR"
)
while True:
    described = ec2.describe_snapshots(SnapshotIds=[snapshot_id])["Snapshots"][0]
    if described["State"] == "completed":
        break
    if time.monotonic() > DEADLINE:
        raise TimeoutError(described["State"])
    time.sleep(0.02)
listed = ebs.list_snapshot_blocks(SnapshotId=snapshot_id)
read = {}
for block in listed["Blocks"]:
    got = ebs.get_snapshot_block(SnapshotId=snapshot_id, BlockIndex=block["BlockIndex"], BlockToken=block["BlockToken"])
    read[block["BlockIndex"]] = [got["BlockData"].read() == blocks[block["BlockIndex"]], got["Checksum"], got["DataLength"]]
ec2.delete_snapshot(SnapshotId=snapshot_id)

json.dump(
    {
        "started": [started["Status"], started["VolumeSize"], started["Description"], started["Tags"], started["ResponseMetadata"]["HTTPStatusCode"]],
        "written": [[answer["Checksum"], answer["ChecksumAlgorithm"], answer["ResponseMetadata"]["HTTPStatusCode"]] for answer in answers],
        "completed": completed["ResponseMetadata"]["HTTPStatusCode"],
        "described": [described["VolumeSize"], described["Description"], described["Tags"], described["StartTime"].year > 2000],
        "read": sorted(read.items()),
        "volume": listed["VolumeSize"],
        "gone": error_of(ec2.describe_snapshots, SnapshotIds=[snapshot_id])[0],
        "refused": refused,
    },
    sys.stdout,
)
