package main

var hostileNames = []fault{}
