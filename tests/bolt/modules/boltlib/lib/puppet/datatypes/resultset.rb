# SPDX-License-Identifier: MIT
Puppet::DataTypes.create_type('ResultSet') do
  interface "attributes => { 'results' => Array[Result] }"
end
