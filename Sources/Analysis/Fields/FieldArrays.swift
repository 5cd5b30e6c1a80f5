import Base
import Formats
import Metrics

/// Receptive fields as arrays for numpy: `[cell, lag, y, x]`, NaN where a cell has none.
package struct FieldArrays {
  let fields: MeasuredFields

  package init(_ fields: MeasuredFields) { self.fields = fields }

  package var arrays: [NamedArray] {
    var arrays: [NamedArray] = []
    for (source, suffix) in [(FieldSource.data, "robs"), (.model, "rhat")] {
      let plain = maps(fields.plain ?? fields.sums, source)
      arrays.append(array("sta_\(suffix)", plain.map { $0?.sta }))
      arrays.append(array("ste_\(suffix)", plain.map { $0?.ste }))
      let scaled = maps(fields.sums, source)
      arrays.append(array("zsta_\(suffix)", scaled.map { $0?.staZ }))
      arrays.append(array("zste_\(suffix)", scaled.map { $0?.steZ }))
    }
    arrays.append(NamedArray("cids", shape: [fields.cids.count], values: .int64(fields.cids)))
    if let whitener = fields.whitener {
      let shape = [fields.scale.height, fields.scale.width]
      arrays.append(NamedArray("whiten_mu", shape: shape, values: .float64(whitener.mean)))
      arrays.append(NamedArray("whiten_mu2", shape: shape, values: .float64(whitener.meanSquare)))
    }
    return arrays
  }

  private func maps(_ sums: FieldSums, _ source: FieldSource) -> [ReceptiveField?] {
    fields.cids.indices.map { try? sums.field(of: $0, source).get() }
  }

  private func array(_ name: String, _ maps: [[Double]?]) -> NamedArray {
    let size = fields.lagCount * fields.scale.height * fields.scale.width
    var values: [Float] = []
    values.reserveCapacity(maps.count * size)
    for map in maps { values += map.map { $0.map { Float($0) } } ?? [Float](repeating: .nan, count: size) }
    return NamedArray(
      name, shape: [maps.count, fields.lagCount, fields.scale.height, fields.scale.width], values: .float32(values))
  }
}
