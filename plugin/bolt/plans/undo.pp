# SPDX-License-Identifier: MIT
# @summary Takes back what `mapihttp::fleet` has changed.
#
# @param undo What the report of `mapihttp::fleet` holds under the same name: for each target its request.
plan mapihttp::undo(
  Hash[String[1], Hash[String[1], Data]] $undo,
) {
  $results = $undo.map |$target, $request| {
    run_task('mapihttp::mapihttp', $target, $request + { '_catch_errors' => true }).results[0]
  }
  # What has no `changed` is not mapihttp's, even where the task ended well.
  $failed = $results.filter |$result| { !$result.ok or $result.value['changed'] !~ Boolean }
  $restored = $results.filter |$result| { $result.ok and $result.value['changed'] =~ Boolean }
  $report = {
    'restored' => $restored.map |$result| { $result.target.name },
    'failed'   => Hash($failed.map |$result| {
      [$result.target.name, $result.ok ? {
        true    => 'mapihttp/no_result: the task gave no result',
        default => "${result.error.kind}: ${result.error.message}",
      }]
    }),
  }
  if !$failed.empty {
    fail_plan("${failed.size} of ${results.size} targets failed", 'mapihttp/failed', $report)
  }
  return $report
}
