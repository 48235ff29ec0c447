# SPDX-License-Identifier: MIT
type Boltlib::TargetSpec = Variant[String[1], Array[String[1]]]
