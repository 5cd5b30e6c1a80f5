import Foundation
import TestSupport
import Testing

@Suite("Watching runs of other tools")
struct WatchTests {
  /// A folder with a workspace, and a log of 7 epochs of which the first 3 are written; the rest lies beside.
  private func folder() throws -> String {
    let workspace = try Program.workspace()
    let folder = (workspace as NSString).deletingLastPathComponent
    let source = Fixtures.path("runs/csv_grid")
    let run = try #require(
      FileManager.default.subpaths(atPath: source)?.filter { $0.hasSuffix("metrics.csv") }.sorted().first)
    let logs = folder + "/logs/first"
    try FileManager.default.createDirectory(atPath: logs + "/checkpoints", withIntermediateDirectories: true)
    let text = try String(contentsOfFile: source + "/" + run, encoding: .utf8)
    // Lines end as the logger wrote them: `\r\n`, one character to Swift.
    let lines = text.utf8.split(separator: 10, omittingEmptySubsequences: false).map { String($0) ?? "" }
    try lines.prefix(13).joined(separator: "\n").appending("\n").write(
      toFile: logs + "/metrics.csv", atomically: false, encoding: .utf8)
    try lines.dropFirst(13).joined(separator: "\n").write(
      toFile: folder + "/rest.csv", atomically: false, encoding: .utf8)
    try "lr: 0.003\nmax_epochs: 7\n".write(toFile: logs + "/hparams.yaml", atomically: false, encoding: .utf8)
    try """
    vcsh 1
    param checkpoint: path = "none" "the checkpoint"
    param epoch: int = 0 "its epoch"
    {twice: 2 * $epoch}
    """.write(toFile: folder + "/twice.vc", atomically: false, encoding: .utf8)
    return folder
  }

  private let checkpoint = "\(Program.project)/workspace-template/checkpoints/twin.ckpt"

  @Test(
    "A watch follows a log that grows to its end, runs its recipe on checkpoints, and changes no byte of the folder")
  func growing() throws {
    let folder = try folder()
    let result = try Program.shell(
      """
      vcsh -w ws --csv -c "watch logs --fast twice.vc --every 2 --until-end --minutes 5 --tensorboard events" > out 2> err & p=$!
      while ! grep -q "first: epoch" err; do kill -0 $p || exit 2; sleep 0.05; done
      cp '\(checkpoint)' logs/first/checkpoints/epoch=1.ckpt
      while ! grep -q "fast recipe on epoch 1: twice 2" err; do kill -0 $p || exit 3; sleep 0.05; done
      cp '\(checkpoint)' logs/first/checkpoints/epoch=3.ckpt
      cp '\(checkpoint)' logs/first/checkpoints/epoch=5.ckpt
      cat rest.csv >> logs/first/metrics.csv
      find logs -type f | sort | xargs cat | sha256sum > before
      wait $p; echo $?
      find logs -type f | sort | xargs cat | sha256sum | cmp - before && echo same
      cat out
      vcsh -w ws -c "open logs as logs" > /dev/null 2>&1
      vcsh -w ws --csv -c "curves logs --metric fast/twice"
      ls events/first | head -1
      """, folder: folder)
    let lines = result.output.split(separator: "\n").map(String.init)
    let errors = try String(contentsOfFile: folder + "/err", encoding: .utf8)
    #expect(
      lines.prefix(3) == ["0", "same", "run,state,epochs,metric,best,alarms,turns"], "\(result.output) \(errors)")
    #expect(lines.contains { $0.hasPrefix("first,") && $0.contains(",7,val_bps_overall,") }, "\(lines)")
    #expect(errors.contains("first: epoch 6 of 7"), "\(errors)")
    #expect(lines.contains { $0.hasPrefix("first,fast/twice,") && $0.hasSuffix(",1,2.0") }, "\(lines)")
    #expect(lines.contains { $0.hasPrefix("first,fast/twice,") && $0.hasSuffix(",5,10.0") }, "\(lines)")
    #expect(lines.last?.contains("tfevents") == true, "\(lines)")
  }

  @Test("A watch that was killed goes on: alarms are not told again, recipes do not run again on an epoch")
  func killed() throws {
    let folder = try folder()
    let result = try Program.shell(
      """
      cp '\(checkpoint)' logs/first/checkpoints/epoch=1.ckpt
      printf 'nothing' > logs/first/checkpoints/epoch=2.ckpt; touch -d '1 hour ago' logs/first/checkpoints/epoch=2.ckpt
      vcsh -w ws -c "watch logs --fast twice.vc --every 2 --minutes 5" > out 2> err & p=$!
      while ! grep -q "fast recipe on epoch 1" err; do kill -0 $p || exit 2; sleep 0.05; done
      sleep 0.3; kill -9 $p; wait $p 2> /dev/null
      grep -c "alarm: first: checkpoint unreadable" err
      cat rest.csv >> logs/first/metrics.csv
      vcsh -w ws -c "watch logs --fast twice.vc --every 2 --until-end --minutes 5" > out 2> err
      grep -c "fast recipe\\|alarm" err
      vcsh -w ws --csv -c "status | select name kind why" 2> /dev/null
      """, folder: folder)
    let lines = result.output.split(separator: "\n").map(String.init)
    #expect(lines.first == "1" && lines.dropFirst().first == "0", "\(result.output) \(result.errors)")
    #expect(lines.contains { $0.hasPrefix("first,run,") && $0.contains("checkpoint unreadable") }, "\(result.output)")
  }

  @Test("SIGTERM ends a watch at once; --on-alarm gets the alarm in its environment") func interrupt() throws {
    let folder = try folder()
    let result = try Program.shell(
      """
      printf 'nothing' > logs/first/checkpoints/epoch=2.ckpt; touch -d '1 hour ago' logs/first/checkpoints/epoch=2.ckpt
      vcsh -w ws -c "watch logs --minutes 5 --on-alarm 'echo $VCSH_ALARM_RUN: $VCSH_ALARM > told'" > out 2> err & p=$!
      while ! [ -s told ]; do kill -0 $p || exit 2; sleep 0.05; done
      kill -TERM $p; wait $p; echo $?; cat told
      """.replacing("$VCSH", with: "\\$VCSH"), folder: folder)
    #expect(result.output == "143\nfirst: checkpoint unreadable\n", "\(result.output) \(result.errors)")
  }

  @Test("watch --while waits for the first run, and ends after the process and the recipe on its last checkpoint")
  func whileProcess() throws {
    let folder = try folder()
    let result = try Program.shell(
      """
      mv logs later; mkdir logs
      (sleep 1; mv later/first logs/; cp '\(checkpoint)' logs/first/checkpoints/epoch=1.ckpt) & p=$!
      vcsh -w ws --csv -c "watch logs --fast twice.vc --every 2 --while $p --minutes 5" 2> err; cat err
      vcsh -w ws -c "watch logs --while 999999999"
      """, folder: folder)
    #expect(
      result.output.contains("first,") && result.output.contains("fast recipe on epoch 1: twice 2"),
      "\(result.output)")
    #expect(result.errors.contains("no process 999999999 lives"), "\(result.errors)")
  }

  @Test("A folder that is missing is waited for, unless another has nearly its name")
  func waiting() throws {
    let folder = try folder()
    let result = try Program.shell(
      """
      mv logs source
      (sleep 0.4; mkdir later; sleep 0.2; mv source/first later/; sleep 0.4) & p=$!
      vcsh -w ws --csv -c "watch later --while $p --minutes 5" 2> err; cat err
      vcsh -w ws -c "watch sorce" 2> typo; echo "typo $?"; cat typo
      """, folder: folder)
    #expect(result.output.contains("no such folder yet; waiting for the first run"), "\(result.output)")
    #expect(result.output.contains("first,"), "\(result.output)")
    #expect(result.output.contains("typo 1") && result.output.contains("did you mean"), "\(result.output)")
  }

  @Test("A recipe that can't be parsed, takes no checkpoint or is missing stops the watch before it begins")
  func recipes() throws {
    let folder = try folder()
    try "vcsh 1\nprint \"x\"\n".write(toFile: folder + "/none.vc", atomically: false, encoding: .utf8)
    try "vcsh 1\nparam checkpoint: path = \"x\" \"c\"\nlet = 3\n".write(
      toFile: folder + "/bad.vc", atomically: false, encoding: .utf8)
    let fast = "\(Program.project)/recipes/fast.vc"
    for (recipe, part) in [
      ("none.vc", "no parameter `checkpoint`"), ("bad.vc", "bad.vc:3"), ("gone.vc", "gone.vc"),
      ("'\(fast) --config \"no such.yaml'", "a quotation mark has no end"),
    ] {
      let result = try Program.run(["-w", "ws", "-c", "watch logs --fast \(recipe) --minutes 1"], folder: folder)
      #expect(result.status != 0 && result.errors.contains(part), "\(result.errors)")
    }
    let empty = try Program.run(["-w", "ws", "-c", "watch ws --minutes 0.005"], folder: folder)
    #expect(empty.status == 1 && empty.errors.contains("no run has come"), "\(empty.errors)")
  }
}
