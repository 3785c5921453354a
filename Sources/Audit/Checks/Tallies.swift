/// Places collected under keys, in the order in which the keys first appeared.
struct Tallies<Key: Hashable> {
  private(set) var entries: [(key: Key, places: Places)] = []
  private var index: [Key: Int] = [:]

  mutating func add(_ key: Key, _ place: @autoclosure () -> String) {
    if let known = index[key] {
      entries[known].places.add(place())
    } else {
      index[key] = entries.count
      var places = Places()
      places.add(place())
      entries.append((key, places))
    }
  }
}
