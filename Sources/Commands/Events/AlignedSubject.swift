import Base
import Language
import Metrics
import Session

/// Predictions with the events that they are aligned to.
struct AlignedSubject {
  let subject: Subject
  let alignment: EventAlignment
  /// Positions of the chosen cells.
  let cells: [Int]
  private let events: EventSource

  /// What `TWIN on REC/STIM [--event …] [--calibrated] …` names; without a cell, all of them.
  init(_ call: Call, cell name: String, in session: Session) throws {
    // Events that the recording lacks are an error before the twin runs.
    events = try EventSource(call, in: session)
    let cid = try call.optionalInt(name)
    if let cid, let source = events.source {
      _ = try source.stimulus.cids.place(of: cid, in: source.label, at: call.span(of: name))
    }
    var subject = try session.subject(call)
    if call.isSet("calibrated") { subject = try session.calibrated(subject, call: call) }
    self.subject = subject
    let cids = subject.predictions.cids
    cells =
      try cid.map { [try cids.place(of: $0, in: subject.label, at: call.span(of: name))] }
      ?? Array(cids.indices)
    alignment = try events.alignment(of: subject)
  }

  /// The windows with a frame a bin.
  func fineWindows() throws -> EventWindows {
    try alignment.windows.binFrames == 1 ? alignment.windows : events.alignment(of: subject, isFine: true).windows
  }

  func responses(hasIntervals: Bool, in session: Session) throws -> [TriggeredResponse] {
    let averages = TriggeredAverages(subject.predictions, alignment.windows, hasIntervals: hasIntervals)
    let progress = hasIntervals ? session.work.progress : nil
    progress?.begin("intervals of \(subject.label)", total: cells.count, unit: "cells")
    defer { progress?.end() }
    return try cells.enumerated().map { done, cell in
      try session.work.cancellation.check()
      var response = averages.response(of: cell)
      if subject.uncalibrated.contains(response.cid) { response.removePrediction(because: .notCalibrated) }
      progress?.advance(to: done + 1)
      return response
    }
  }
}
