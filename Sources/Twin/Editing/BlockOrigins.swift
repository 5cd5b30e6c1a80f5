import Formats

/// Where the convolution blocks of an edited configuration stood before: edits can take blocks out of the list and put
/// others between them or behind them.
struct BlockOrigins {
  /// For each block, its earlier place; nil for a block that is new.
  private var places: [Int?]

  private static let list = "convnet.params.block_configs."

  /// - Throws: as `ConfigurationEdit`.
  init(_ edits: [String], of configuration: ConfigNode) throws {
    func count(_ configuration: ConfigNode) -> Int {
      configuration.at("convnet.params.block_configs")?.listValue?.count ?? 0
    }
    places = (0..<count(configuration)).map { $0 }
    var current = configuration
    for text in edits {
      let edit = try ConfigurationEdit(text)
      let before = count(current)
      current = try edit.applied(to: current)
      let after = count(current)
      guard edit.path.hasPrefix(Self.list), let place = Int(edit.path.dropFirst(Self.list.count)), after != before
      else {
        // A list that was replaced keeps the places that both have.
        while places.count > after { places.removeLast() }
        while places.count < after { places.append(places.count < before ? places.count : nil) }
        continue
      }
      // `+1` reads as 1, where the new block stands.
      if after < before { places.remove(at: place) } else { places.insert(nil, at: min(place, places.count)) }
    }
  }

  /// Whether the block at a place is new.
  func isNew(_ place: Int) -> Bool { places.indices.contains(place) && places[place] == nil }

  private static let prefix = "convnet.layers."

  /// What a tensor was called before the edit; nil for one of a new block.
  func formerName(_ name: String) -> String? {
    guard name.hasPrefix(Self.prefix) else { return name }
    let rest = name.dropFirst(Self.prefix.count)
    let number = rest.prefix { $0 != "." }
    guard let place = Int(number), places.indices.contains(place) else { return name }
    return places[place].map { Self.prefix + "\($0)" + rest.dropFirst(number.count) }
  }
}
