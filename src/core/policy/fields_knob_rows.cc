// SPDX-License-Identifier: Apache-2.0
#include "core/policy/fields_rows.h"

namespace reeve::policy {
namespace {

constexpr Field kDevice = {
    .key = "device",
    .kind = FieldKind::kColumn,
    .example = "/dev/disk/by-id/nvme-X",
    .doc =
        "The disk: any of its nodes or links below /dev, or its number (\"8:0\", in quotes). "
        "The kernel limits whole disks only; a partition is taken for the disk it is on."};

constexpr Field kMount = {
    .key = "mount",
    .kind = FieldKind::kColumn,
    .example = "/srv",
    .doc =
        "The disk that the file system mounted here sits on; the plan shows which. Instead of "
        "`device`."};

constexpr Field kName = {.key = "name",
                         .kind = FieldKind::kColumn,
                         .required = true,
                         .example = "mlx5_0",
                         .doc = "The device, resource or region as the kernel names it."};

constexpr Field kIoMaxRow[] = {
    kDevice,
    kMount,
    {.key = "rbps",
     .kind = FieldKind::kColumn,
     .example = "200MiB/s",
     .doc = "Bytes read a second."},
    {.key = "wbps",
     .kind = FieldKind::kColumn,
     .example = "50MB/s",
     .doc = "Bytes written a second."},
    {.key = "riops",
     .kind = FieldKind::kColumn,
     .example = "2000",
     .doc = "Read operations a second."},
    {.key = "wiops",
     .kind = FieldKind::kColumn,
     .example = "5000",
     .doc = "Write operations a second."},
};

constexpr Field kIoWeightRow[] = {
    kDevice,
    kMount,
    {.key = "weight",
     .kind = FieldKind::kColumn,
     .example = "300",
     .doc = "The weight on this disk, beside `device` or `mount`."},
    {.key = "default",
     .kind = FieldKind::kColumn,
     .example = "100",
     .doc = "A row of its own: the weight on all other disks. A plain number instead of the list "
            "means the same."},
};

constexpr Field kIoLatencyRow[] = {
    kDevice,
    kMount,
    {.key = "target",
     .kind = FieldKind::kColumn,
     .example = "5ms",
     .doc = "The average latency that this cgroup shall see on this disk."},
};

constexpr Field kRdmaRow[] = {
    kName,
    {.key = "hca_handle",
     .kind = FieldKind::kColumn,
     .example = "2",
     .doc = "How many handles of the device may be open."},
    {.key = "hca_object",
     .kind = FieldKind::kColumn,
     .example = "2000",
     .doc = "How many objects of the device may exist."},
};

constexpr Field kMiscRow[] = {
    kName,
    {.key = "value",
     .kind = FieldKind::kColumn,
     .required = true,
     .example = "10",
     .doc = "How many units of the resource may be used."},
};

constexpr Field kDmemRow[] = {
    kName,
    {.key = "value",
     .kind = FieldKind::kColumn,
     .required = true,
     .example = "4GiB",
     .doc = "How much memory of the region."},
};

}  // namespace

std::span<const Field> IoMaxRowFields() {
  return kIoMaxRow;
}

std::span<const Field> IoWeightRowFields() {
  return kIoWeightRow;
}

std::span<const Field> IoLatencyRowFields() {
  return kIoLatencyRow;
}

std::span<const Field> RdmaRowFields() {
  return kRdmaRow;
}

std::span<const Field> MiscRowFields() {
  return kMiscRow;
}

std::span<const Field> DmemRowFields() {
  return kDmemRow;
}

}  // namespace reeve::policy
