import Base
import Formats

extension EvaluationCache {
  /// The rates, counts and mask of one stimulus. A cache without a mask counts every bin.
  package func predictions(
    of part: Part, rateHz: Double?
  ) throws -> (predictions: Predictions, impossible: ImpossibleBins) {
    let rates = try archive.tensor(part.rates)
    guard rates.shape.allSatisfy({ $0 > 0 }) else {
      throw Failure(.mismatch, "\(archive.path): \(part.stimulus): rhat has shape \(rates.shape)")
    }
    let counts = try archive.tensor(part.counts).values
    let mask = try part.mask.map { try archive.tensor($0).values } ?? [Float](repeating: 1, count: counts.count)
    return try PredictionsFile.assemble(
      rates: rates, counts: counts, mask: mask, isByteMask: part.mask?.scalar == .uint8,
      cids: cids ?? Array(0..<(rates.shape.last ?? 0)), rateHz: rateHz, archive.path)
  }

  /// The same of the stimulus with this name.
  ///
  /// - Throws: `format` where the archive is not an evaluation cache or holds no rates on the stimulus.
  package static func predictions(in archive: TorchArchive, on stimulus: String, rateHz: Double?) throws -> (
    predictions: Predictions, impossible: ImpossibleBins
  ) {
    guard let cache = try EvaluationCache(archive: archive),
      let part = cache.parts.first(where: { $0.stimulus == stimulus })
    else { throw Failure(.format, "\(archive.path): holds no rates on \(stimulus)") }
    return try cache.predictions(of: part, rateHz: rateHz)
  }
}
