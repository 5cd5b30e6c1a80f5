import Base
import Formats
import Foundation
import Grids
import Language
import Workspace

/// A grid of trainings that `grid new` made.
extension GridPayload: ObjectKind {
  package static var isExported: Bool { true }

  package var opened: Record { Record([("runs", .int(runs))]) }
  package var cellCount: Int? { nil }
  package var line: String { "\(runs) \(runs == 1 ? "run" : "runs") along \(axes.joined(separator: ", "))" }

  package func show(_ name: String, _ record: VersionRecord, for call: Call, in session: Session) throws -> Value {
    .table(try session.outlook(of: session.grid(self)))
  }

  /// Writes a folder of YAML files with one CSV.
  package func export(
    _ name: String, _ record: VersionRecord, to path: String, for call: Call, in session: Session
  ) throws {
    do {
      let written = try GridFolder.write(
        session.grid(self), named: name, to: path, cancellation: session.work.cancellation
      ).written
      session.changes.written += try written.map(session.workspace.written)
    } catch let failure as Failure {
      throw failure.located(at: call.span(of: "file"))
    }
  }

  package func difference(from earlier: GridPayload, by comparison: ObjectComparison) throws -> String? {
    earlier.object == object ? nil : "\(earlier.runs) runs then, \(runs) other runs now"
  }
}

extension Session {
  package func grid(_ payload: GridPayload) throws -> Grid {
    do {
      return try JSONDecoder().decode(Grid.self, from: workspace.objects.data(payload.object))
    } catch is DecodingError {
      throw Failure(.format, "the record of a grid can't be read", hint: "was it written by a newer vcsh?")
    }
  }

  package func grid(named name: String, at span: SourceSpan?) throws -> (grid: Grid, version: VersionRecord) {
    guard try workspace.lookup(name) != nil || !workspace.names(kinds: [.grid]).isEmpty else {
      throw Failure(
        .missing, "no grid named `\(name.shortened)`", hint: "`grid new \(name.shortened) …` makes one", span: span)
    }
    let record = try lookup(name, kinds: [.grid], at: span)
    guard let payload = record.payload as? GridPayload else {
      throw Failure(.mismatch, "`\(name)` is not a grid", span: span)
    }
    changes.inputs.append(.init(role: "grid", version: record.id, detail: name))
    return (try grid(payload), record)
  }

  /// A payload whose object is stored.
  package func stored(_ grid: Grid) throws -> GridPayload {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return GridPayload(
      runs: grid.runs.count, axes: grid.axes.map(\.path), object: try workspace.objects.put(encoder.encode(grid)))
  }

  /// A row a run: its levels, its cost, and the known run that trained the same.
  package func outlook(of grid: Grid) throws -> Table {
    let outlook = try GridOutlook(grid, known: knownRuns(), cancellation: work.cancellation)
    return Table(grid.table.columns + GridOutlook.shape.table(outlook.rows).columns, note: outlook.summary)
  }

  /// The runs of all open sets, and those that jobs of this workspace have run.
  private func knownRuns() throws -> [KnownRun] {
    var known: [KnownRun] = []
    for named in try workspace.names(kinds: [.runs]) {
      guard let payload = named.version.payload as? RunSetPayload else { continue }
      do {
        known += try runSet(named.name, payload, at: nil) { $0 }.runs.map { KnownRun($0, set: named.name) }
      } catch let failure as Failure where failure.kind == .missing {
        note("\(named.name): not looked at: \(failure.message)")
      }
    }
    return known + Batch.knownRuns(in: workspace.root + "/jobs")
  }
}
