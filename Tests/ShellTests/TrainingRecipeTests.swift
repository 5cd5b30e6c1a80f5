import Foundation
import TestSupport
import Testing

@Suite("Recipes beside a training")
struct TrainingRecipeTests {
  private static let recipe = """
    vcsh 1
    param checkpoint: path = "none" "the twin"
    param epoch: int = 0 "its epoch"
    open $checkpoint as twin
    {epochs: $epoch + 1, tensors: (params twin | count)}
    """

  @Test(
    "train --fast runs its recipe on the twins of its epochs, keeps the numbers with the training, and leaves the training as it is"
  )
  func fast() throws {
    let folder = (try Program.workspace() as NSString).deletingLastPathComponent
    try Self.recipe.write(toFile: folder + "/count.vc", atomically: false, encoding: .utf8)
    let train = "train twin on sim/gaborium --epochs 4 --epoch-steps 2 --batch-size 16 --seed 4"
    let result = try Program.shell(
      """
      cd ws
      vcsh -c "\(KilledTrainingTests.open)" > /dev/null 2>&1 || exit 1
      vcsh -c "\(train) --fast ../count.vc --every 2 as t" > /dev/null 2> err || exit 2
      vcsh --csv -c "curves t --metric fast/epochs,fast/tensors | select metric step epoch value"
      grep -E "^ *(fast|every) " err | tr -s " " | sed "s/^ //"
      vcsh -c "\(train) as u" > /dev/null 2>&1
      vcsh -c "export t t.safetensors; export u u.safetensors" > /dev/null 2>&1
      cmp t.safetensors u.safetensors && echo same
      vcsh -c "\(train) --every 2 as v" 2>&1 | grep "error:"
      ls ${TMPDIR:-/tmp} | grep -c "vcsh-train" || true
      """, folder: folder, environment: ["TMPDIR": folder])
    let lines = result.output.split(separator: "\n").map(String.init)
    // Epoch 1 may be skipped on a slow machine, the last one never is.
    #expect(lines.first == "metric,step,epoch,value", "\(result.output) \(result.errors)")
    #expect(lines.contains("fast/epochs,8,3,4.0"), "\(lines)")
    #expect(lines.contains { $0.hasPrefix("fast/tensors,8,3,") }, "\(lines)")
    #expect(lines.contains("fast ../count.vc flag nothing: it looks at the twin of an epoch"), "\(lines)")
    #expect(lines.contains("every 2 flag epochs from one twin of --fast to the next"), "\(lines)")
    #expect(lines.contains("same") && lines.contains { $0.contains("--every does nothing without --fast") }, "\(lines)")
    #expect(lines.last == "0", "\(lines)")
  }

  @Test(
    "A recipe that can't run, or opens what is not there, is refused before the first step; so is a parameter that it lacks"
  )
  func refused() throws {
    let folder = (try Program.workspace() as NSString).deletingLastPathComponent
    let head = "vcsh 1\nparam checkpoint: path = \"none\" \"the twin\"\n"
    for (name, rest) in [
      ("unknown", "open $checkpoint as twin\nshow nothinghere\n"),
      ("gone", "param rec: path = \"nosuch/rec\" \"a recording\"\nopen $checkpoint as twin\nopen $rec as r\n"),
      ("fine", "open $checkpoint as twin\n{tensors: (params twin | count)}\n"),
    ] {
      try (head + rest).write(toFile: "\(folder)/\(name).vc", atomically: false, encoding: .utf8)
    }
    let train = "train twin on sim/gaborium --steps 2 --batch-size 8 --val-every 0"
    let result = try Program.shell(
      """
      cd ws
      vcsh -c "\(KilledTrainingTests.open)" > /dev/null 2>&1 || exit 1
      vcsh -c "\(train) --fast ../unknown.vc as a" 2>&1 | grep -E "error:|setting"
      vcsh -c "\(train) --fast ../gone.vc as b" 2>&1 | grep -E "error:|setting"
      vcsh -c "\(train) --fast '../fine.vc --nope 3' as c" 2>&1 | grep -E "error:"
      vcsh --csv -c "ls | where kind == 'twin' | select name"
      """, folder: folder, environment: ["TMPDIR": folder])
    let lines = result.output.split(separator: "\n").map(String.init)
    try #require(lines.count >= 4, "\(result.output) \(result.errors)")
    #expect(lines.contains { $0.contains("--fast: the recipe can't run: no object named `nothinghere`") }, "\(lines)")
    #expect(lines.contains { $0.contains("--fast: the recipe opens nosuch/rec, and there is no such") }, "\(lines)")
    #expect(lines.contains { $0.hasSuffix("fine.vc has no parameter --nope") }, "\(lines)")
    #expect(Array(lines.suffix(2)) == ["name", "twin"], "\(lines)")
  }
}
