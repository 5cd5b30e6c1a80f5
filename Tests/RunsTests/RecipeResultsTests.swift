import Base
import Foundation
import Runs
import TestSupport
import Testing

@Suite struct RecipeResultsTests {
  @Test("Numbers come from tables of one row, records and tables of metrics; other tables are kept whole") func read()
    throws
  {
    let lines = [
      #"{"entry": 1, "command": "param", "status": "ok", "result": null}"#,
      #"{"entry": 2, "command": "a", "status": "ok", "result": [{"bps": 0.25, "cell": "x", "count": 4}]}"#,
      #"{"entry": 3, "command": "b", "status": "ok", "result": [{"metric": "m", "value": null}, {"metric": "n", "value": 2}]}"#,
      #"{"entry": 4, "command": "c", "status": "ok", "result": [{"cid": 1}, {"cid": 2}]}"#,
      #"{"entry": 5, "command": "d", "status": "ok", "result": {"gain": 1.5}}"#,
    ]
    let read = try RecipeResults.read(output: lines.joined(separator: "\n"))
    #expect(read.rows.map(\.metric) == ["bps", "count", "m", "n", "gain"])
    #expect(read.rows.map(\.value) == [0.25, 4, nil, 2, 1.5])
    #expect(read.tables == [lines[3]])
  }

  @Test("The failure that a recipe ended with is thrown; text that is no result is an error") func failure() {
    let failed =
      #"{"entry": 1, "command": "open x", "status": "failed", "error": {"kind": "missing", "message": "x: no such file"}}"#
    #expect(throws: Failure(.undefined, "x: no such file")) { try RecipeResults.read(output: failed) }
    #expect(throws: Failure.self) { try RecipeResults.read(output: "hello") }
  }

  @Test("Results are read back by epoch; a line that was cut costs one turn, and the next one begins a line of its own")
  func appended() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/a.results"
    func turn(_ epoch: Int, _ value: Double) -> RecipeResults.Turn {
      .init(recipe: "fast", epoch: epoch, step: 10 * epoch, rows: [.init(metric: "m", value: value)], tables: [])
    }
    #expect(try RecipeResults(path: path).turns.isEmpty)
    try RecipeResults.append(turn(2, 1), to: path)
    try RecipeResults.append(turn(5, 2), to: path)
    let bytes = try Data(contentsOf: URL(filePath: path))
    try bytes.dropLast(9).write(to: URL(filePath: path))
    try RecipeResults.append(turn(8, 3), to: path)
    try RecipeResults.append(turn(2, 4), to: path)
    let curves = try RecipeResults(path: path).curves
    #expect(curves.map(\.name) == ["fast/m"])
    #expect(curves.first?.epochs == [2, 8] && curves.first?.values == [4, 3] && curves.first?.steps == [20, 80])
  }
}
