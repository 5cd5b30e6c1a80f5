import Base
import Training

/// What a terminal shows of a training while it runs: how far it is, and its curves.
struct TrainingView {
  private let name: String
  private let stepCount: Int
  private var progress: TrainingProgress
  /// Loss of every step so far.
  private var losses: [Double]
  private var done: Int
  private var rate: Double?
  /// Steps done at earlier times, from which the speed is computed.
  private var moments: [(time: ContinuousClock.Instant, done: Int)]
  private var shown: ContinuousClock.Instant?

  private static let interval = Duration.milliseconds(200)
  private static let speedWindow = Duration.seconds(30)
  /// Points of a curve: more than a terminal has columns of dots would not be seen.
  private static let mostPoints = 240

  init(_ name: String, stepCount: Int, from progress: TrainingProgress) {
    self.name = name
    self.stepCount = stepCount
    self.progress = progress
    done = progress.stepsDone
    losses = progress.curve.rows.filter { $0.metric == "train_loss" }.compactMap(\.value)
    moments = [(.now, done)]
  }

  /// Takes a step.
  ///
  /// - Returns: what to show; nil where the last view is fresh enough.
  mutating func after(_ done: Int, _ record: Trainer.StepRecord) -> Report? {
    self.done = done
    losses.append(record.loss)
    rate = record.rates.last
    let now = ContinuousClock.now
    moments.append((now, done))
    while moments.count > 2, moments[1].time < now - Self.speedWindow { moments.removeFirst() }
    if let shown, now - shown < Self.interval { return nil }
    shown = now
    return report
  }

  mutating func finished(_ progress: TrainingProgress) { self.progress = progress }

  var report: Report {
    var sections = [Report.Section("", .lines([state, scores].filter { !$0.isEmpty }))]
    sections.append(.init("", .figure(lossFigure)))
    if let figure = scoreFigure { sections.append(.init("", .figure(figure))) }
    return Report("", sections)
  }

  /// How far it is, how fast, and how long it will take.
  private var state: String {
    var parts = [
      "training \(name)", "epoch \(progress.epochs.last.map { $0.number + 1 } ?? 0)", "step \(done) of \(stepCount)",
    ]
    if let first = moments.first, let last = moments.last, last.done > first.done {
      let seconds = (last.time - first.time) / .seconds(1)
      if seconds > 0 {
        let speed = Double(last.done - first.done) / seconds
        parts.append("\(NumberText.threeDigits(speed)) steps/s")
        parts.append("\(NumberText.duration(seconds: Double(stepCount - done) / speed)) left")
      }
    }
    if let rate { parts.append("lr \(NumberText.significant(rate, digits: 3))") }
    return parts.joined(separator: "  ")
  }

  private var scores: String {
    guard let score = progress.curve.rows.last(where: { $0.metric == "val_bits_per_spike" })?.value else { return "" }
    let best = progress.best.map { ", best \(NumberText.significant($0.bitsPerSpike, digits: 4)) in epoch \($0.epoch)" }
    return "held-out \(NumberText.significant(score, digits: 4)) bits/spike\(best ?? "")"
  }

  private var lossFigure: Figure {
    let size = max(1, (losses.count + Self.mostPoints - 1) / Self.mostPoints)
    let starts = Array(stride(from: 0, to: losses.count, by: size))
    let means = starts.map { start in
      let part = losses[start..<min(start + size, losses.count)]
      return part.reduce(0, +) / Double(part.count)
    }
    var figure = Figure(
      "loss", xLabel: "step", yLabel: "nats/bin",
      series: [.init("training batches", x: starts.map { Double($0 + size) }, y: means)])
    let held = series("val_loss", "held-out trials")
    if !held.x.isEmpty { figure.series.append(held) }
    return figure
  }

  private var scoreFigure: Figure? {
    let held = series("val_bits_per_spike", "held-out trials")
    return held.x.isEmpty
      ? nil : Figure("held-out score", xLabel: "step", yLabel: "bits/spike", series: [held])
  }

  private func series(_ metric: String, _ name: String) -> Figure.Series {
    let rows = progress.curve.rows.filter { $0.metric == metric && $0.value != nil }
    return .init(name, x: rows.map { Double($0.step) }, y: rows.compactMap(\.value))
  }
}
