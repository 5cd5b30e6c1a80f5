import Base
import Metrics
import Recordings
import Session

/// One stimulus and split of a recording, and how its cells score there.
struct GeneralizationPart {
  enum Kind: Int {
    case training, heldOut, withheld

    var text: String {
      switch self {
      case .training: "training"
      case .heldOut: "held-out"
      case .withheld: "withheld"
      }
    }
  }

  var stimulus: String
  var split: Split
  var kind: Kind
  var frameCount: Int
  var scores: [CellScores]
}

/// Parts beside each other, all of the same cells in the same order.
struct GeneralizationTable {
  var parts: [GeneralizationPart]
  var metric: any Metric.Type

  /// Each cell's mean over the training parts that have a score of it.
  private var training: [Double?] {
    let training = parts.filter { $0.kind == .training }
    guard let cells = training.first?.scores.count else { return [] }
    return (0..<cells).map { cell in
      let values = training.compactMap { $0.scores[cell][metric].value }
      return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
  }

  private func gaps(_ part: GeneralizationPart, _ training: [Double?]) -> [Double?] {
    part.scores.indices.map { cell in
      guard part.kind != .training, training.indices.contains(cell), let best = training[cell],
        let value = part.scores[cell][metric].value
      else { return nil }
      return best - value
    }
  }

  /// One row a part.
  var means: Table {
    let training = training
    let scores = parts.map { part in MeanInterval(part.scores.compactMap { $0[metric].value }) }
    let losses = parts.map { MeanInterval(gaps($0, training).compactMap(\.self)) }
    return Table([
      Column("part", parts.map { Optional($0.kind.text) }),
      Column("stimulus", parts.map { Optional($0.stimulus) }),
      Column("split", parts.map { Optional($0.split.rawValue) }),
      Column("frames", parts.map { Optional($0.frameCount) }),
      Column("cells", scores.map { Optional($0?.count ?? 0) }),
      Column(metric.name, scores.map { $0?.mean }, unit: metric.unit),
      Column("lower", scores.map { $0?.lower }, unit: metric.unit),
      Column("upper", scores.map { $0?.upper }, unit: metric.unit),
      Column("gap", losses.map { $0?.mean }, unit: metric.unit),
      Column("gap_lower", losses.map { $0?.lower }, unit: metric.unit),
      Column("gap_upper", losses.map { $0?.upper }, unit: metric.unit),
    ])
  }

  /// One row a cell and part.
  var cells: Table {
    let training = training
    let rows = parts.flatMap { part in zip(part.scores, gaps(part, training)).map { (part, $0, $1) } }
    return Table([
      Column("cid", rows.map { Optional($0.1.cid) }),
      Column("stimulus", rows.map { Optional($0.0.stimulus) }),
      Column("split", rows.map { Optional($0.0.split.rawValue) }),
      Column("part", rows.map { Optional($0.0.kind.text) }),
      Column("rate_hz", rows.map { $0.1.rateHz.value }, unit: "Hz"),
      Column("score", rows.map { $0.1[metric].value }, unit: metric.unit),
      Column("gap", rows.map(\.2), unit: metric.unit),
      Column("reason", rows.map(\.1.reason)),
    ])
  }
}
