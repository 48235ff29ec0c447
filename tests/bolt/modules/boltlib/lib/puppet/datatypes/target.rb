# SPDX-License-Identifier: MIT
Puppet::DataTypes.create_type('Target') do
  interface "attributes => { 'name' => String[1] }"
end
