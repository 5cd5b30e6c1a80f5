import Foundation
import TestSupport
import Testing

@Suite("Trainings whose process is killed")
struct KilledTrainingTests {
  static let open = """
    open '\(Program.project)/workspace-template/checkpoints/twin.ckpt' as twin; \
    open '\(Program.project)/workspace-template/recordings/Sim_2025-01-17' as sim
    """
  static let train = "train twin on sim/gaborium --epochs 8 --epoch-steps 3 --batch-size 16 --lr 0.01 --seed 4"

  /// Starts a training in the background, waits until it has kept two epochs, and sends its process a signal.
  private func killed(_ signal: String, in folder: String) throws -> Program.Result {
    try Program.shell(
      """
      vcsh -c "\(Self.open)" > /dev/null 2>&1 || exit 1
      vcsh -c "\(Self.train) as t" > out 2> err & p=$!
      while ! grep -q "epoch 1, step 6 of 24" err; do kill -0 $p || exit 2; sleep 0.02; done
      vcsh --csv -c "runs | select run state epochs" 2> /dev/null
      kill -\(signal) $p; wait $p; echo $?
      """, folder: folder)
  }

  @Test("After SIGKILL runs shows the training as interrupted, and resume gives the bits of a training without a break")
  func kill() throws {
    let folder = try Program.workspace()
    let before = try killed("KILL", in: folder)
    #expect(before.output.hasPrefix("run,state,epochs\nt,running,"), "\(before.output) \(before.errors)")
    #expect(before.output.hasSuffix("137\n"))
    let after = try Program.shell(
      """
      vcsh --csv -c "runs | select run state planned_steps"
      vcsh -c "resume t" > /dev/null 2> resumed; head -1 resumed
      vcsh -c "\(Self.train) as u" > /dev/null 2>&1
      vcsh -c "export t t.safetensors; export u u.safetensors" > /dev/null 2>&1
      vcsh --csv -c "curves t | select metric step epoch value" > t.csv
      vcsh --csv -c "curves u | select metric step epoch value" > u.csv
      cmp t.safetensors u.safetensors && cmp t.csv u.csv && echo same && wc -l < t.csv
      """, folder: folder)
    let lines = after.output.split(separator: "\n").map(String.init)
    #expect(lines.prefix(2) == ["run,state,planned_steps", "t,interrupted,24"], "\(after.output) \(after.errors)")
    #expect(lines.dropFirst(2).first?.contains("`t` continues after epoch") == true, "\(after.output)")
    #expect(lines.contains("same"), "\(after.output) \(after.errors)")
    #expect((lines.last.flatMap { Int($0.trimmingCharacters(in: .whitespaces)) } ?? 0) > 24 * 4)
  }

  @Test("SIGTERM ends a training after its step, keeps the finished epochs and says how to go on")
  func terminate() throws {
    let folder = try Program.workspace()
    let result = try killed("TERM", in: folder)
    #expect(result.output.hasSuffix("143\n"))
    let after = try Program.shell("tail -2 err; vcsh --csv -c 'runs | select state'", folder: folder)
    #expect(after.output.contains("`resume t` goes on from there"), "\(after.output)")
    #expect(after.output.hasSuffix("state\nstopped\n"), "\(after.output)")
  }

  @Test("A recipe that starts again takes over the training that was finished, and makes anew what followed it")
  func startsAgain() throws {
    let folder = try Program.workspace()
    let after = try Program.shell(
      """
      vcsh -c "\(Self.open)" > /dev/null 2>&1 || exit 1
      echo '\(Self.train) as t' > short.vc
      { cat short.vc; echo 'eval t on sim/gaborium as scores'; } > whole.vc
      vcsh -f short.vc > /dev/null 2>&1 || exit 2
      vcsh -c 'range(3) as scores' > /dev/null 2>&1
      vcsh -c "curves t" --csv > before.csv 2> /dev/null
      vcsh -f whole.vc 2>&1 | grep -o "the name .* is taken"
      VCSH_RESTART=1 vcsh -f whole.vc > out 2> err; echo $?
      grep -o "continues after epoch 7: 24 of 24 steps are done" err
      grep -c "epoch .*, step" err
      vcsh -c "curves t" --csv 2> /dev/null | cmp - before.csv && echo same
      vcsh --csv -c "ls | where name == 'scores' | select kind" 2> /dev/null
      """, folder: folder)
    #expect(
      after.output.split(separator: "\n").map(String.init) == [
        "the name `t` is taken", "0", "continues after epoch 7: 24 of 24 steps are done", "0", "same", "kind", "table",
      ], "\(after.output) \(after.errors)")
  }
}
