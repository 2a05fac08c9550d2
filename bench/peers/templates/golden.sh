#!/usr/bin/env bash
# The AWS CLI in a loop: $DISK becomes an Image Builder image.
set -euo pipefail

aws() { "$PYTHON" -m awscli "$@"; }

aws s3 cp --no-progress "$DISK" "s3://$BUCKET/golden.raw"
task=$(aws ec2 import-image --platform Linux --license-type BYOL \
  --disk-containers "Format=raw,UserBucket={S3Bucket=$BUCKET,S3Key=golden.raw}" --query ImportTaskId --output text)

status=active
until [ "$status" = completed ]; do
  sleep 30
  status=$(aws ec2 describe-import-image-tasks --import-task-ids "$task" --query 'ImportImageTasks[0].Status' --output text)
  case $status in deleting | deleted)
    aws ec2 describe-import-image-tasks --import-task-ids "$task" --query 'ImportImageTasks[0].StatusMessage' --output text
    exit 1 ;;
  esac
done

image=$(aws imagebuilder import-vm-image --name golden --semantic-version 1.0.0 --platform Linux --vm-import-task-id "$task" --query imageArn --output text)
until [ "$status" = AVAILABLE ]; do
  sleep 30
  status=$(aws imagebuilder get-image --image-build-version-arn "$image" --query image.state.status --output text)
  case $status in FAILED | CANCELLED) echo "The image is $status"; exit 1 ;; esac
done
echo "$image"
