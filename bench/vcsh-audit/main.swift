import Base
import Foundation

// Holds vcsh's promises against simulations of the truth: intervals, p values, held-out scores, fields and causes.
//
//   vcsh-audit [--effort N] [--only WORD] [--seed N] [--markdown]
//
// Prints one table and exits with 3 where a promise is broken. The same seeds give the same table. `--seed` draws other cells
// for `why` than those of docs/honesty.md.

var effort = 1
var seed: UInt32 = 0
var only: String?
var isMarkdown = false
var rest = CommandLine.arguments.dropFirst()
while let word = rest.popFirst() {
  switch word {
  case "--effort": effort = rest.popFirst().flatMap { Int($0) }.map { max(1, min($0, 100)) } ?? 1
  case "--only": only = rest.popFirst()
  case "--seed": seed = rest.popFirst().flatMap { UInt32($0) } ?? 0
  case "--markdown": isMarkdown = true
  default:
    FileHandle.standardError.write(Data("usage: vcsh-audit [--effort N] [--only WORD] [--seed N] [--markdown]\n".utf8))
    exit(2)
  }
}
let sections: [(name: String, claims: (Int) throws -> [Claim])] = [
  ("small", SmallSamples.claims), ("gain", Gains.claims), ("heldout", HeldOut.claims), ("fields", Fields.claims),
  ("tests", PermutationTests.claims), ("why", { try Causes.claims($0, seed: seed) }),
  ("planted", PlantedTruths.claims),
]
let names = sections.map(\.name)
if let only, !names.contains(only) {
  FileHandle.standardError.write(Data("--only is one of \(names.joined(separator: ", "))\n".utf8))
  exit(2)
}

var claims: [Claim] = []
for section in sections where only == nil || only == section.name {
  let start = ContinuousClock.now
  claims += try section.claims(effort)
  let seconds = (ContinuousClock.now - start).components.seconds
  FileHandle.standardError.write(Data("\(section.name): \(seconds) s\n".utf8))
}
let heading = ["claim", "promised", "measured", "holds"]
let rows = claims.map { [$0.name, $0.promised, $0.measured, $0.holds ? "yes" : "NO"] }
if isMarkdown {
  for row in [heading, heading.map { _ in "---" }] + rows { print("| \(row.joined(separator: " | ")) |") }
} else {
  let widths = heading.indices.map { column in ([heading] + rows).map { $0[column].count }.max() ?? 0 }
  for row in [heading] + rows {
    print(zip(row, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }.joined(separator: "  "))
  }
}
let broken = claims.count { !$0.holds }
FileHandle.standardError.write(Data("\(claims.count) promises, \(broken) broken\n".utf8))
exit(broken > 0 ? 3 : 0)
