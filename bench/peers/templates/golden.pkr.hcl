# The disk is there already, so the builder makes nothing: what Packer does here is its post-processor amazon-import.
packer {
  required_plugins {
    amazon = {
      source  = "github.com/hashicorp/amazon"
      version = ">= 1.3.0"
    }
  }
}

variable "disk" {}
variable "bucket" {}
variable "endpoint" {}

source "null" "disk" {
  communicator = "none"
}

build {
  sources = ["source.null.disk"]

  post-processors {
    post-processor "artifice" {
      files = [var.disk]
    }
    post-processor "amazon-import" {
      s3_bucket_name = var.bucket
      format         = "raw"
      platform       = "linux"
      license_type   = "BYOL"
      tags           = { team = "platform" }

      # The loopback AWS.
      custom_endpoint_ec2         = var.endpoint
      region                      = "us-east-1"
      skip_credential_validation  = true
      skip_metadata_api_check     = true
      keep_input_artifact         = true
    }
  }
}
