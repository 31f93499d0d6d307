package redistest

import (
	"context"
	"fmt"
)

// Rows is all that the server holds, key by key, as it lies there.
func (s *Server) Rows(ctx context.Context) (out []string, err error) {
	db := s.Admin
	each := db.Scan(ctx, 0, "*", 1000).Iterator()
	for each.Next(ctx) {
		key := each.Val()
		var what any
		switch kind := db.Type(ctx, key).Val(); kind {
		case "string":
			what = db.Get(ctx, key).Val()
		case "hash":
			what = db.HGetAll(ctx, key).Val()
		case "zset":
			what = db.ZRange(ctx, key, 0, -1).Val()
		case "set":
			what = db.SMembers(ctx, key).Val()
		case "list":
			what = db.LRange(ctx, key, 0, -1).Val()
		case "stream":
			what = db.XRange(ctx, key, "-", "+").Val()
		default:
			return nil, fmt.Errorf("rows: %s is a %s", key, kind)
		}
		out = append(out, fmt.Sprint(key, " ", what))
	}
	return out, each.Err()
}
