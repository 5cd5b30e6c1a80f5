import Base
import Language
import Metrics
import Training

/// The cells that `--cells` chooses: a condition over the scores of the twin on the training trials.
package struct TrainedCells {
  private let condition: RowExpression

  /// Nil without the flag.
  ///
  /// - Throws: what parsing throws.
  package init?(_ call: Call) throws {
    guard let text = try call.optionalString("cells") else { return nil }
    if text.wholeMatch(of: /\s*\d+(?:[\s,]+\d+)*\s*/) != nil {
      let cids = text.split { $0 == "," || $0.isWhitespace }.joined(separator: ", ")
      throw Failure(
        .usage, "--cells takes a condition, not a list of ids", hint: "write `--cells 'cid in [\(cids)]'`",
        span: call.span(of: "cells"))
    }
    do {
      let expression = try Parser.parseRowExpression(SourceText(text, name: "--cells"))
      condition = RowExpression(expression, text: text)
    } catch {
      throw Self.located(error, call)
    }
  }

  /// Which cells are chosen.
  ///
  /// - Throws: a usage failure for a condition that can't be read; `undefined` where no cell with a valid bin is left.
  package func choose(
    from set: any TrainingSet, of twin: LoadedTwin, on source: LoadedStimulus, _ call: Call, in session: Session
  ) throws -> [Bool] {
    let chosen = try choose(head: set.head, of: twin, on: source, label: set.label, call, in: session)
    guard ChosenCells(set, chosen).meanCounts.contains(where: { $0 != nil }) else {
      throw none(of: twin, set.label, call)
    }
    return chosen
  }

  /// The same by the scores of a head.
  ///
  /// - Throws: as above; `undefined` where no cell is left.
  package func choose(
    head: Int, of twin: LoadedTwin, on source: LoadedStimulus, label: String, _ call: Call, in session: Session
  ) throws -> [Bool] {
    let scores = try session.scored(
      twin, on: source, split: .train, head: String(head), metrics: CellScores.standard
    ).scores
    let table = Table(
      CellScores.shape(CellScores.standard).table(scores).columns
        + [Column("session", scores.map { _ in source.session })])
    let kept: Table
    do {
      kept = try TableOperations.filter(table, where: condition)
    } catch {
      throw Self.located(error, call)
    }
    let cids = Set(kept["cid"]?.numbers?.compactMap { $0.map { Int($0) } } ?? [])
    let chosen = source.stimulus.cids.map(cids.contains)
    guard chosen.contains(true) else { throw none(of: twin, label, call) }
    return chosen
  }

  private func none(of twin: LoadedTwin, _ label: String, _ call: Call) -> Failure {
    Failure(
      .undefined, "\(label): --cells leaves no cell with a valid training bin: `\(condition.text)`",
      hint: "`eval \(twin.name) on \(label) --split train` shows the columns that it may use",
      span: call.span(of: "cells"))
  }

  private static func located(_ error: any Error, _ call: Call) -> any Error {
    guard var failure = error as? Failure else { return error }
    failure.span = call.span(of: "cells")
    return failure
  }
}
